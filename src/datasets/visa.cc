// SPDX-License-Identifier: Apache-2.0
#include "datasets/visa.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "datasets/assembly.h"
#include "datasets/defect_labels.h"
#include "datasets/layout.h"
#include "datasets/layout_guess.h"

namespace normadd::datasets {
namespace {

namespace fs = std::filesystem;

fs::path split_file_of(const fs::path& root, const VisaOptions& options) {
  for (const auto& file : {root / options.split_file, root / "split_csv" / options.split_file}) {
    if (fs::is_regular_file(file)) return file;
  }
  std::vector<std::string> there;
  for (const auto& file : files_in(root / "split_csv")) there.push_back(file.filename().string());
  throw core::DataError(
      "no such split file", (root / options.split_file).string(),
      there.empty() ? "Put VisA's split_csv folder below dataset.root, or set dataset.split_file to its 1cls.csv."
                    : fmt::format("Set dataset.split_file to one of {}.", fmt::join(there, ", ")));
}

/// The labels of a category's images, by path below root.
class Annotations {
 public:
  Annotations(const fs::path& root, const std::string& category) : file_(root / category / "image_anno.csv") {
    if (!fs::is_regular_file(file_)) {
      throw core::DataError("the category's defect types are missing", file_.string(),
                            "Restore the file, or set dataset.types=single to do without types.");
    }
    const auto table = read_table(file_, {"image", "label"});
    const auto image = table.column("image"), label = table.column("label");
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
      labels_.emplace(id_of(table.rows[row][image]),
                      std::pair{with_underscores(table.rows[row][label]), place(file_, table, row)});
    }
  }

  /// The type of an anomalous image.
  std::string type_of(const std::string& id) const {
    const auto found = labels_.find(id);
    if (found == labels_.end()) {
      throw core::DataError(fmt::format("the image '{}' has no line, so its defect type is unknown", id),
                            file_.string(), "Restore the file, or set dataset.types=single to do without types.");
    }
    const auto& [labels, where] = found->second;
    const auto type = defect_type_of(labels, "normal");
    if (!type || *type == "good" || !is_plain_name(*type)) {
      throw core::DataError(fmt::format("'{}' is no defect type, and the split file calls '{}' an anomaly", labels, id),
                            where, "Correct the line, or set dataset.types=single to do without types.");
    }
    return *type;
  }

 private:
  fs::path file_;
  std::map<std::string, std::pair<std::string, std::string>> labels_;
};

/// Reads one row of the split at a time.
class SplitRows {
 public:
  SplitRows(const fs::path& root, const VisaOptions& options, fs::path file)
      : root_(root),
        options_(options),
        file_(std::move(file)),
        table_(read_table(file_, {"object", "split", "label", "image", "mask"})) {}

  std::size_t count() const { return table_.rows.size(); }
  const std::string& object(std::size_t row) const { return field(row, "object"); }
  const fs::path& file() const { return file_; }

  std::vector<std::string> objects() const {
    std::set<std::string> names;
    for (std::size_t row = 0; row < count(); ++row) {
      if (names.insert(object(row)).second && !is_plain_name(object(row))) {
        throw core::DataError(fmt::format("'{}' is no name of a category's folder", object(row)),
                              place(file_, table_, row), "The column object names a folder below dataset.root.");
      }
    }
    return {names.begin(), names.end()};
  }

  std::vector<std::string> paths(std::size_t row) const {
    return {id_of(field(row, "image")), id_of(field(row, "mask"))};
  }

  /// Nothing after a report.
  std::optional<ListedImage> read(std::size_t row, const std::map<std::string, Annotations>& annotations,
                                  const Report& report) const {
    const std::string where = place(file_, table_, row);
    const std::string &split = field(row, "split"), &label = field(row, "label"), &mask = field(row, "mask");
    if (split != "train" && split != "test") {
      report(core::DataError(fmt::format("the split is '{}'", split), where, "It must be train or test."));
      return std::nullopt;
    }
    if (label != "normal" && label != "anomaly") {
      report(core::DataError(fmt::format("the label is '{}'", label), where, "It must be normal or anomaly."));
      return std::nullopt;
    }
    const auto image = listed_picture(root_, field(row, "image"), where, report);
    if (!image) return std::nullopt;
    ListedImage listed{where, object(row), split == "train", make_sample(root_, *image, "good"), false};
    if (label == "normal") return listed;
    listed.sample.defect_type = "anomaly";
    if (!mask.empty()) listed.sample.mask = listed_picture(root_, mask, where, report);
    listed.mask_was_reported = !mask.empty() && !listed.sample.mask;
    // Anomalies of a training split are left out by the caller, whatever their type.
    if (options_.types == "single" || listed.is_train) return listed;
    try {
      listed.sample.defect_type = annotations.at(listed.category).type_of(listed.sample.id);
      return listed;
    } catch (const core::DataError& problem) {
      report(problem);
      return std::nullopt;
    }
  }

 private:
  const std::string& field(std::size_t row, const char* column) const {
    return table_.rows[row][table_.column(column)];
  }

  const fs::path root_;
  const VisaOptions options_;
  fs::path file_;
  core::CsvTable table_;
};

void require_folders(const fs::path& root, const std::vector<std::string>& categories) {
  std::vector<std::string> there, missing;
  for (const auto& name : categories) (fs::is_directory(root / name) ? there : missing).push_back(name);
  if (missing.empty()) return;
  throw core::DataError(
      "the category's folder is missing, but the split file names it", (root / missing.front()).string(),
      there.empty()
          ? layout_hint(root, "visa")
          : fmt::format("To use those that are there, set 'dataset.categories=[{}]'.", fmt::join(there, ",")));
}

}  // namespace

void VisaOptions::describe(config::Options& o) {
  o.field("split_file", split_file)
      .help("which images train and test: 1cls.csv, 2cls_fewshot.csv, 2cls_highshot.csv in split_csv, or a path");
  o.field("types", types)
      .help("annotated: defect types of image_anno.csv, several on one image = combined; single: all are 'anomaly'")
      .one_of({"annotated", "single"});
}

bool has_visa_images(const fs::path& root) {
  const auto names = sub_folders(root);
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return fs::is_directory(root / name / "Data" / "Images"); });
}

Listing list_visa(const fs::path& root, const std::vector<std::string>& categories, const VisaOptions& options,
                  const Report& report) {
  require_root(root, "visa");
  if (!has_visa_images(root)) {
    throw core::DataError("no folder in it has Data/Images", root.string(), layout_hint(root, "visa"));
  }
  const SplitRows rows(root, options, split_file_of(root, options));
  Listing listing;
  listing.root = root;
  listing.origin = rows.file().string();
  listing.categories = select_categories(rows.objects(), categories, listing.origin);
  require_folders(root, listing.categories);
  std::map<std::string, Annotations> annotations;
  const std::set<std::string> chosen(listing.categories.begin(), listing.categories.end());
  if (options.types == "annotated") {
    for (const auto& name : listing.categories) annotations.emplace(name, Annotations(root, name));
  }
  std::size_t left_out = 0;
  for (std::size_t row = 0; row < rows.count(); ++row) {
    if (!chosen.contains(rows.object(row))) continue;
    for (const auto& path : rows.paths(row)) listing.named.insert(path);
    auto listed = rows.read(row, annotations, report);
    if (!listed) continue;
    if (listed->is_train && listed->sample.anomalous()) {
      ++left_out;
    } else {
      listing.images.push_back(std::move(*listed));
    }
  }
  if (left_out > 0) {
    listing.notes.push_back(fmt::format("{}: {} anomalous training images are not used, detectors train on normal ones",
                                        listing.origin, left_out));
  }
  drop_repetitions(listing, report);
  return listing;
}

Dataset read_visa(const fs::path& root, const std::vector<std::string>& categories, const VisaOptions& options) {
  return dataset_of(list_visa(root, categories, options, refuse()), "visa");
}

}  // namespace normadd::datasets
