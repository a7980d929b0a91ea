// SPDX-License-Identifier: Apache-2.0
// Pictures as a table or a walk through folders names them: the common ground of reading such a dataset (the first
// problem ends it) and of checking it (every problem is told).
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/csv.h"
#include "core/error.h"
#include "datasets/dataset.h"

namespace normadd::datasets {

struct ListedImage {
  std::string where;  // file:line, or the image's path
  std::string category;
  bool is_train = false;
  Sample sample;
  bool mask_was_reported = false;  // it is named, but unusable
};

struct Listing {
  std::filesystem::path root;
  std::string origin;  // the table or folder that names the images
  std::vector<std::string> categories;
  std::vector<ListedImage> images;
  std::set<std::string> named;     // every path that the table names, below root, used or not
  std::vector<std::string> notes;  // decisions, for the log
  std::vector<std::pair<std::string, std::string>> warnings;  // where, what
};

/// Called with each problem; what has it is left out if the call returns.
using Report = std::function<void(const core::DataError&)>;
/// Throws the problem.
Report refuse();

/// A table with a header that has these columns. Throws DataError (file:1) naming the first that it lacks.
core::CsvTable read_table(const std::filesystem::path& file, const std::vector<std::string>& columns);
/// file:line of a row.
std::string place(const std::filesystem::path& file, const core::CsvTable& table, std::size_t row);

/// A picture named by a table: root / text, normalised. Reports (at where) what is no picture below root; folders that
/// lead outside by links do not count as below, while the file itself may be a link, as in a download cache.
std::optional<std::filesystem::path> listed_picture(const std::filesystem::path& root, const std::string& text,
                                                    const std::string& where, const Report& report);

/// A path of a table as ids have it: normalised, '/'-separated.
std::string id_of(const std::string& text);

/// Reports images and masks that are named more than once, and keeps the first of each.
void drop_repetitions(Listing& listing, const Report& report);

/// Logs notes and warnings. Throws DataError for a category without training or test images.
Dataset dataset_of(const Listing& listing, const std::string& name);

}  // namespace normadd::datasets
