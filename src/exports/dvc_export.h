// SPDX-License-Identifier: Apache-2.0
// Finished runs as files that DVC reads: metrics.json (final values, nested), params.yaml (the resolved configuration),
// plots/*.csv (ROC curves from scores.csv) and dvc.yaml, which names them.
// Source: https://dvc.org/doc/user-guide/project-structure/dvcyaml-files
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

#include "reporting/run_listing.h"

namespace normadd::exports {

struct DvcOptions {
  /// A folder for each run below it; otherwise the files go into the runs' own folders.
  std::optional<std::filesystem::path> out;
  bool controls = false;  // also the numbers of control suppressions
};

struct DvcExport {
  std::vector<std::filesystem::path> folders;
  std::size_t num_values = 0, num_curves = 0;
  std::size_t num_undefined = 0;  // values left out
};

/// Equal runs give equal bytes; existing files of these names are replaced. Throws DataError for a damaged run,
/// OutputError.
DvcExport export_dvc(const reporting::RunListing& listing, const DvcOptions& options);

}  // namespace normadd::exports
