// SPDX-License-Identifier: Apache-2.0
// One category, start to end, for all jobs of a batch: detectors, normality detectors, fusion of every cell.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "experiment/category_outcome.h"
#include "experiment/prepared_job.h"

namespace normadd::experiment {

/// A job of a batch. All jobs of a batch have the same dataset and image features.
struct BatchJob {
  const PreparedJob* prepared = nullptr;
  bool with_panels = false;
  /// The folder to write panels, maps and detectors to; made when it is first asked for.
  std::function<std::filesystem::path()> folder;
};

/// Anomaly maps are held in memory for one category, and for no more detectors at once than fit into this; for the
/// others the features are gone through again.
inline constexpr std::size_t kMostMapBytes = std::size_t{4} << 30;

/// One outcome per job. Detectors with equal maps are shared. Writes panels (of each job's first detector), kept
/// detectors and maps below the jobs' folders.
std::vector<CategoryOutcome> pass_category(std::size_t category, std::span<const BatchJob> jobs, Session& session,
                                           std::size_t most_map_bytes = kMostMapBytes);

}  // namespace normadd::experiment
