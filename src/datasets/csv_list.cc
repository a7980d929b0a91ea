// SPDX-License-Identifier: Apache-2.0
#include "datasets/csv_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "datasets/assembly.h"
#include "datasets/defect_labels.h"
#include "datasets/layout_guess.h"

namespace normadd::datasets {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kColumns{"image", "category", "split", "type", "mask"};

class ManifestRows {
 public:
  ManifestRows(fs::path root, fs::path file)
      : root_(std::move(root)), file_(std::move(file)), table_(read_table(file_, kColumns)) {}

  std::size_t count() const { return table_.rows.size(); }
  std::string where(std::size_t row) const { return place(file_, table_, row); }
  const std::string& field(std::size_t row, const char* column) const {
    return table_.rows[row][table_.column(column)];
  }

  std::vector<std::string> further_columns() const {
    std::vector<std::string> names;
    for (const auto& name : table_.columns) {
      if (std::find(kColumns.begin(), kColumns.end(), name) == kColumns.end()) names.push_back(name);
    }
    return names;
  }

  /// Nothing after a report.
  std::optional<ListedImage> read(std::size_t row, const Report& report) const {
    const std::string place = where(row);
    const std::string &split = field(row, "split"), &mask = field(row, "mask");
    const auto refuse_row = [&](const std::string& what, const std::string& hint) {
      report(core::DataError(what, place, hint));
      return std::nullopt;
    };
    if (!is_plain_name(field(row, "category"))) {
      return refuse_row(fmt::format("'{}' is no name of a category", field(row, "category")),
                        "Name the product, without '/'.");
    }
    if (split != "train" && split != "test") {
      return refuse_row(fmt::format("the split is '{}'", split), "It must be train or test.");
    }
    const auto type = defect_type_of(field(row, "type"), "good");
    if (!type || !is_plain_name(*type)) {
      return refuse_row(fmt::format("'{}' is no defect type", field(row, "type")),
                        "Name the defect, without '/'; leave the field empty for a normal image.");
    }
    if (const std::string word = with_underscores(*type);
        *type != "good" && (word == "normal" || word == "ok" || word == "good" || word == "none")) {
      return refuse_row(fmt::format("the type '{}' sounds like a normal image", *type),
                        "Write good, or leave the field empty, for normal images.");
    }
    if (split == "train" && *type != "good") {
      return refuse_row(fmt::format("an image with the defect type '{}' is to train", *type),
                        "Detectors train on normal images: give it split=test, or leave the row out.");
    }
    if (*type == "good" && !mask.empty()) {
      return refuse_row("a normal image has a mask", "Name its defect type, or leave the mask empty.");
    }
    const auto image = listed_picture(root_, field(row, "image"), place, report);
    if (!image) return std::nullopt;
    ListedImage listed{place, field(row, "category"), split == "train", make_sample(root_, *image, *type), false};
    if (!mask.empty()) listed.sample.mask = listed_picture(root_, mask, place, report);
    listed.mask_was_reported = !mask.empty() && !listed.sample.mask;
    return listed;
  }

 private:
  fs::path root_, file_;
  core::CsvTable table_;
};

}  // namespace

void CsvOptions::describe(config::Options& o) {
  o.field("manifest", manifest).help("table with the columns image,category,split,type,mask; relative to dataset.root");
}

bool has_manifest_columns(const core::CsvTable& table) {
  return std::all_of(kColumns.begin(), kColumns.end(), [&](const std::string& name) {
    return std::count(table.columns.begin(), table.columns.end(), name) == 1;
  });
}

Listing list_csv(const fs::path& root, const std::vector<std::string>& categories, const CsvOptions& options,
                 const Report& report) {
  require_root(root, "csv");
  const fs::path file = root / options.manifest;
  if (!fs::is_regular_file(file)) {
    const std::string neighbour = hint_of_neighbour(root, options.manifest);
    throw core::DataError(
        "no such manifest", file.string(),
        fmt::format("Set dataset.manifest to a table with the columns {}. {}", fmt::join(kColumns, ","),
                    neighbour.empty() ? layout_hint(root, "csv") : neighbour));
  }
  const ManifestRows rows(root, file);
  Listing listing;
  listing.root = root;
  listing.origin = file.string();
  if (const auto names = rows.further_columns(); !names.empty()) {
    listing.warnings.emplace_back(file.string() + ":1",
                                  fmt::format("columns that are not used: {}", fmt::join(names, ", ")));
  }
  std::set<std::string> found;
  for (std::size_t row = 0; row < rows.count(); ++row) found.insert(rows.field(row, "category"));
  if (found.empty()) throw core::DataError("the manifest has no rows", file.string(), "Add one row per image.");
  const auto chosen = select_categories({found.begin(), found.end()}, categories, file.string());
  const std::set<std::string> wanted(chosen.begin(), chosen.end());
  for (const auto& name : chosen) {
    if (is_plain_name(name)) listing.categories.push_back(name);
  }
  for (std::size_t row = 0; row < rows.count(); ++row) {
    for (const char* column : {"image", "mask"}) listing.named.insert(id_of(rows.field(row, column)));
    if (!wanted.contains(rows.field(row, "category"))) continue;
    if (auto listed = rows.read(row, report)) listing.images.push_back(std::move(*listed));
  }
  drop_repetitions(listing, report);
  return listing;
}

Dataset read_csv_dataset(const fs::path& root, const std::vector<std::string>& categories, const CsvOptions& options) {
  return dataset_of(list_csv(root, categories, options, refuse()), "csv");
}

}  // namespace normadd::datasets
