// SPDX-License-Identifier: Apache-2.0
#include "datasets/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/log.h"
#include "core/rooted_path.h"
#include "datasets/assembly.h"
#include "datasets/layout.h"

namespace normadd::datasets {

namespace fs = std::filesystem;

Report refuse() {
  return [](const core::DataError& problem) { throw problem; };
}

core::CsvTable read_table(const fs::path& file, const std::vector<std::string>& columns) {
  auto table = core::read_csv(file);
  for (const auto& name : columns) {
    if (std::count(table.columns.begin(), table.columns.end(), name) == 1) continue;
    const bool other_separator =
        table.columns.size() == 1 && table.columns[0].find_first_of(";\t") != std::string::npos;
    std::string all;
    for (const auto& column : columns) all += (all.empty() ? "" : ",") + column;
    throw core::DataError(fmt::format("the header has no single column '{}'", name), file.string() + ":1",
                          other_separator ? "Separate the fields with commas." : fmt::format("It must name {}.", all));
  }
  return table;
}

std::string place(const fs::path& file, const core::CsvTable& table, std::size_t row) {
  return fmt::format("{}:{}", file.string(), table.lines[row]);
}

std::optional<fs::path> listed_picture(const fs::path& root, const std::string& text, const std::string& where,
                                       const Report& report) {
  const auto strange = [](unsigned char c) { return c < ' ' || c == '\\'; };
  if (text.empty() || std::any_of(text.begin(), text.end(), strange)) {
    report(core::DataError(text.empty() ? "no image is named" : "the path has a backslash or a control character",
                           where, "Write paths relative to dataset.root, folders separated by '/'."));
    return std::nullopt;
  }
  const fs::path relative = fs::path(text).lexically_normal();
  try {
    core::path_below(root, relative.is_absolute() || !relative.has_filename() ? relative : relative.parent_path());
    if (*relative.begin() == "..") core::path_below(root, relative);
  } catch (const core::DataError& problem) {
    report(core::DataError(problem.message(), where, "Paths are relative to dataset.root and stay below it."));
    return std::nullopt;
  } catch (const fs::filesystem_error& problem) {
    report(core::DataError(fmt::format("the path '{}' cannot be followed: {}", text, problem.code().message()), where,
                           "Check folders and links on the way."));
    return std::nullopt;
  }
  const fs::path file = root / relative;
  if (std::error_code error; !fs::is_regular_file(file, error)) {
    report(core::DataError(fmt::format("there is no file '{}'", text), where,
                           fmt::format("Paths are relative to dataset.root, which is {}.", root.string())));
    return std::nullopt;
  }
  if (!has_image_name(file)) {
    report(core::DataError(fmt::format("'{}' is no picture by its name", text), where,
                           "Use .png, .jpg, .jpeg, .bmp, .tif or .tiff."));
    return std::nullopt;
  }
  return file;
}

std::string id_of(const std::string& text) { return fs::path(text).lexically_normal().generic_string(); }

void drop_repetitions(Listing& listing, const Report& report) {
  std::map<std::string, std::string> images, masks;  // id -> where it was named first
  std::erase_if(listing.images, [&](const ListedImage& listed) {
    const auto [first, is_new] = images.emplace(listed.sample.id, listed.where);
    if (is_new) return false;
    report(core::DataError(fmt::format("the image '{}' was named before, at {}", listed.sample.id, first->second),
                           listed.where, "An image has one place: name it once."));
    return true;
  });
  for (auto& listed : listing.images) {
    auto& sample = listed.sample;
    if (!sample.mask) continue;
    const auto [first, is_new] =
        masks.emplace(sample.mask->lexically_relative(listing.root).generic_string(), listed.where);
    if (is_new) continue;
    report(core::DataError(
        fmt::format("the mask '{}' belongs to another image already, at {}", first->first, first->second), listed.where,
        "Every image with defects needs a mask of its own."));
    sample.mask.reset();
    listed.mask_was_reported = true;
  }
}

Dataset dataset_of(const Listing& listing, const std::string& name) {
  for (const auto& note : listing.notes) core::log_info(note);
  for (const auto& [where, message] : listing.warnings) core::log_warning(fmt::format("{}: {}", where, message));
  Dataset dataset;
  dataset.name = name;
  dataset.root = listing.root;
  for (const auto& category_name : listing.categories) {
    Category category;
    category.name = category_name;
    for (const auto& listed : listing.images) {
      if (listed.category == category_name) (listed.is_train ? category.train : category.test).push_back(listed.sample);
    }
    for (const bool train : {true, false}) {
      if (!(train ? category.train : category.test).empty()) continue;
      throw core::DataError(
          fmt::format("the category '{}' has no {} images", category_name, train ? "training" : "test"), listing.origin,
          "Run 'normadd data check' on the dataset to see everything that is wrong with it.");
    }
    put_in_order(category);
    dataset.categories.push_back(std::move(category));
  }
  dataset.content_hash = hash_of_files_and_labels(listing.root, dataset.categories);
  return dataset;
}

}  // namespace normadd::datasets
