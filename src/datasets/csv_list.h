// SPDX-License-Identifier: Apache-2.0
// A dataset of any layout, told by a table with the columns image,category,split,type,mask:
//   image, mask   paths relative to root; mask may be empty
//   category      becomes a category of the dataset
//   split         train or test
//   type          the defect type; empty or good = normal; "bent,scratch" = combined
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/options.h"
#include "datasets/listing.h"

namespace normadd::datasets {

struct CsvOptions {
  std::string manifest = "manifest.csv";
  void describe(config::Options& o);
};

/// Throws DataError for a missing root or manifest or a wrong header; everything in single rows is reported with
/// file:line. Further columns give a warning.
Listing list_csv(const std::filesystem::path& root, const std::vector<std::string>& categories,
                 const CsvOptions& options, const Report& report);

/// Throws DataError at the first problem.
Dataset read_csv_dataset(const std::filesystem::path& root, const std::vector<std::string>& categories,
                         const CsvOptions& options);

/// Whether a table's header names all five columns.
bool has_manifest_columns(const core::CsvTable& table);

}  // namespace normadd::datasets
