// SPDX-License-Identifier: Apache-2.0
// Finished runs as TensorBoard log directories: scalars, the HPARAMS tab, some panels. Equal runs give equal bytes, and
// writing again replaces what an earlier call wrote.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

#include "reporting/run_listing.h"

namespace normadd::exports {

struct TensorboardOptions {
  /// One log directory for all runs, with a folder for each. Otherwise each run's own tb/, and for the jobs of a sweep
  /// the sweep's tb/NUMBER.
  std::optional<std::filesystem::path> out;
  bool controls = false;  // also the numbers of control suppressions
};

struct TensorboardExport {
  std::vector<std::filesystem::path> log_directories;
  std::size_t num_runs = 0, num_scalars = 0, num_images = 0;
  std::size_t num_undefined = 0;  // values left out
};

inline constexpr std::size_t kMostImagesPerCategory = 8;

/// Throws DataError for a damaged run, OutputError.
TensorboardExport export_tensorboard(const reporting::RunListing& listing, const TensorboardOptions& options);

}  // namespace normadd::exports
