// SPDX-License-Identifier: Apache-2.0
#include "datasets/layout_guess.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "core/csv.h"
#include "core/error.h"
#include "datasets/csv_list.h"
#include "datasets/layout.h"
#include "datasets/visa.h"

namespace normadd::datasets {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::string> kLayouts{
    {"mvtec_ad", "CATEGORY/train/good, CATEGORY/test/TYPE and CATEGORY/ground_truth/TYPE"},
    {"mpdd", "CATEGORY/train/good, CATEGORY/test/TYPE and CATEGORY/ground_truth/TYPE"},
    {"btad", "01, 02, 03, each with train/ok, test/ok, test/ko and ground_truth/ko"},
    {"visa", "CATEGORY/Data/Images/Normal and Anomaly, CATEGORY/Data/Masks/Anomaly and split_csv/1cls.csv"},
    {"folder", "one folder of normal images and one or more of defect images"},
    {"csv", "manifest.csv with the columns image,category,split,type,mask"}};

bool is_btad(const fs::path& root, const std::vector<std::string>& categories) {
  return std::any_of(categories.begin(), categories.end(), [&](const std::string& name) {
    return fs::is_directory(root / name / "train/ok") || fs::is_directory(root / name / "test/ko");
  });
}

bool is_mpdd(const std::vector<std::string>& categories) {
  const auto& official = mpdd_folders().categories;
  return std::all_of(categories.begin(), categories.end(), [&](const std::string& name) {
    return std::find(official.begin(), official.end(), name) != official.end();
  });
}

bool is_table(const fs::path& file) {
  std::error_code error;
  return file.extension() == ".csv" && fs::is_regular_file(file, error);
}

bool is_manifest(const fs::path& file) {
  if (!is_table(file)) return false;
  try {
    return has_manifest_columns(core::read_csv(file));
  } catch (const core::Error&) {
    return false;
  }
}

config::List texts(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

std::optional<LayoutGuess> guess_folder(const fs::path& root) {
  std::optional<std::string> normal, masks;
  std::vector<std::string> abnormal;
  for (const auto& name : sub_folders(root)) {
    const auto files = files_below(root / name);
    if (std::none_of(files.begin(), files.end(), has_image_name)) continue;
    if (name == "good" || name == "normal" || name == "ok") {
      if (normal) return std::nullopt;
      normal = name;
    } else if (name == "mask" || name == "masks" || name == "ground_truth") {
      masks = name;
    } else {
      abnormal.push_back(name);
    }
  }
  if (!normal || abnormal.empty()) return std::nullopt;
  LayoutGuess guess{"folder", root, {{"normal_dir", *normal}, {"abnormal_dir", texts(abnormal)}}};
  if (masks) guess.options.emplace_back("mask_dir", *masks);
  return guess;
}

bool has_layout(const fs::path& root, const std::string& layout) {
  const auto guess = guess_layout(root);
  if (!guess) return false;
  // MPDD is one of the datasets in MVTec AD's layout.
  return guess->layout == layout || (layout == "mvtec_ad" && guess->layout == "mpdd");
}

/// The dataset of this layout in which root is a category, or a folder of one.
std::optional<fs::path> dataset_around(const fs::path& root, const std::string& layout) {
  const fs::path inner = fs::absolute(root / "").lexically_normal().parent_path();
  for (fs::path outer = inner.parent_path(); outer.has_relative_path(); outer = outer.parent_path()) {
    const std::string name = inner.lexically_relative(outer).begin()->string();
    const bool part = name == "split_csv" || fs::is_directory(outer / name / "train") ||
                      fs::is_directory(outer / name / "test") || fs::is_directory(outer / name / "Data");
    if (part && has_layout(outer, layout)) return outer;
  }
  return std::nullopt;
}

}  // namespace

const std::vector<std::string>& layout_names() {
  static const std::vector<std::string> names{"mvtec_ad", "visa", "btad", "mpdd", "folder", "csv"};
  return names;
}

std::optional<LayoutGuess> guess_layout(const fs::path& path) {
  if (is_table(path)) {
    const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
    return LayoutGuess{"csv", folder, {{"manifest", path.filename().string()}}};
  }
  if (std::error_code error; !fs::is_directory(path, error)) return std::nullopt;
  if (has_visa_images(path)) return LayoutGuess{"visa", path};
  if (const auto categories = find_category_folders(path); !categories.empty()) {
    if (is_btad(path, categories)) return LayoutGuess{"btad", path};
    return LayoutGuess{is_mpdd(categories) ? "mpdd" : "mvtec_ad", path};
  }
  std::vector<fs::path> manifests;
  for (const auto& file : files_in(path)) {
    if (is_manifest(file)) manifests.push_back(file);
  }
  if (manifests.size() == 1) {
    return LayoutGuess{"csv", path, {{"manifest", manifests.front().filename().string()}}};
  }
  return guess_folder(path);
}

LayoutGuess require_layout(const fs::path& path) {
  if (auto guess = guess_layout(path)) return *guess;
  std::error_code error;
  if (!fs::exists(path, error)) throw core::DataError("no such dataset folder", path.string(), "Check the path.");
  std::string hint = fmt::format("Name it with --layout: {}.", fmt::join(layout_names(), ", "));
  for (const auto& name : sub_folders(path)) {
    const auto guess = guess_layout(path / name);
    if (!guess || guess->layout == "folder") continue;
    hint = fmt::format("One folder further down, {} looks like '{}'.", (path / name).string(), guess->layout);
  }
  for (const char* layout : {"visa", "btad", "mvtec_ad"}) {
    if (const auto outer = dataset_around(path, layout)) {
      hint = fmt::format("It is a folder inside {}, which looks like '{}'.", outer->string(),
                         guess_layout(*outer)->layout);
    }
  }
  throw core::DataError("the dataset's layout cannot be told from what lies there", path.string(), hint);
}

std::string layout_hint(const fs::path& root, const std::string& wanted) {
  if (wanted == "csv" && is_table(root)) {
    return fmt::format("Set dataset.root={} and dataset.manifest={}.",
                       root.has_parent_path() ? root.parent_path().string() : ".", root.filename().string());
  }
  if (std::error_code error; !fs::exists(root, error)) {
    return fmt::format("Set dataset.root=PATH to where the dataset is: {}.", kLayouts.at(wanted));
  }
  if (const auto guess = guess_layout(root); guess && guess->layout != wanted) {
    return fmt::format("It looks like the layout of '{0}': choose dataset={0}.", guess->layout);
  }
  for (const auto& name : sub_folders(root)) {
    if (has_layout(root / name, wanted)) {
      return fmt::format("The dataset lies one folder further down: set dataset.root={}.", (root / name).string());
    }
  }
  if (const auto outer = dataset_around(root, wanted)) {
    return fmt::format("This is a folder inside the dataset: set dataset.root={}.", outer->string());
  }
  return fmt::format("Expected below dataset.root: {}.", kLayouts.at(wanted));
}

std::string hint_of_neighbour(const fs::path& root, const fs::path& wanted) {
  std::vector<fs::path> neighbours;
  for (const auto& name : sub_folders(root)) neighbours.push_back(root / name);
  const fs::path inner = fs::absolute(root / "").lexically_normal().parent_path();
  constexpr int kMostLevels = 3;
  fs::path outer = inner;
  for (int level = 0; level < kMostLevels; ++level) neighbours.push_back(outer = outer.parent_path());
  for (const auto& neighbour : neighbours) {
    std::error_code error;
    if (fs::exists(neighbour / wanted, error)) {
      return fmt::format("'{}' lies in {}: set dataset.root to that.", wanted.string(), neighbour.string());
    }
  }
  return {};
}

void require_root(const fs::path& root, const std::string& layout) {
  std::error_code unreadable;
  if (fs::is_directory(root, unreadable)) return;
  throw core::DataError(fs::exists(root, unreadable) ? "the dataset's root is not a folder" : "no such dataset folder",
                        root.string(), layout_hint(root, layout));
}

}  // namespace normadd::datasets
