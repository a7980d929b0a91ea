// SPDX-License-Identifier: Apache-2.0
#include "datasets/folder_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/nearest_name.h"
#include "core/random.h"
#include "core/rooted_path.h"
#include "datasets/assembly.h"
#include "datasets/defect_labels.h"
#include "datasets/layout.h"
#include "datasets/layout_guess.h"

namespace normadd::datasets {
namespace {

namespace fs = std::filesystem;

/// root / name as ids have it, without "." or a final '/'.
fs::path folder_of(const fs::path& root, const std::string& name, const std::string& key) {
  fs::path relative = fs::path(name).lexically_normal();
  // Through its own parent would lead back below the root, but under names that are no ids.
  core::path_below(root, relative.empty() || *relative.begin() != ".." ? relative : "..");
  if (!relative.has_filename()) relative = relative.parent_path();
  const fs::path folder = relative == "." ? root : root / relative;
  if (!fs::is_directory(folder)) {
    const std::string neighbour = hint_of_neighbour(root, relative);
    throw core::DataError("no such folder", folder.string(),
                          !neighbour.empty() ? neighbour
                                             : fmt::format("Set dataset.{} to a folder below dataset.root. {}", key,
                                                           core::did_you_mean(name, sub_folders(root))));
  }
  return folder;
}

/// Finds masks by stem.
class Masks {
 public:
  explicit Masks(std::optional<fs::path> folder) : folder_(std::move(folder)) {}

  bool holds(const fs::path& file) const {
    return folder_ && !file.lexically_relative(*folder_).empty() && *file.lexically_relative(*folder_).begin() != "..";
  }

  /// inner: the image's folder below its abnormal_dir.
  std::optional<fs::path> find(const fs::path& image, const fs::path& abnormal, const fs::path& inner,
                               const std::string& type) {
    if (!folder_) return std::nullopt;
    const std::string stem = image.stem().string();
    for (const fs::path& folder :
         {*folder_ / abnormal.filename() / inner, *folder_ / inner, *folder_ / type, *folder_}) {
      const auto& files = stems_in(folder.lexically_normal());
      for (const auto& name : {stem, stem + "_mask"}) {
        if (const auto found = files.find(name); found != files.end()) return found->second;
      }
    }
    return std::nullopt;
  }

 private:
  const std::map<std::string, fs::path>& stems_in(const fs::path& folder) {
    const auto [entry, is_new] = folders_.try_emplace(folder.string());
    if (is_new) {
      for (const auto& file : images_in(folder)) entry->second.emplace(file.stem().string(), file);
    }
    return entry->second;
  }

  std::optional<fs::path> folder_;
  std::map<std::string, std::map<std::string, fs::path>> folders_;
};

class FolderWalk {
 public:
  FolderWalk(const fs::path& root, const FolderOptions& options)
      : root_(root),
        options_(options),
        masks_(options.mask_dir ? std::optional(folder_of(root, *options.mask_dir, "mask_dir")) : std::nullopt) {
    listing_.root = root;
    listing_.origin = root.string();
    listing_.categories = {options.category.value_or(name_of_root())};
    if (!is_plain_name(listing_.categories[0])) {
      throw core::ConfigError(fmt::format("'{}' is no name of a category", listing_.categories[0]), "dataset.category",
                              "Set it to the product's name: texts speak of it.");
    }
  }

  void add_normal() {
    const fs::path folder = folder_of(root_, options_.normal_dir, "normal_dir");
    auto normal = images_below(folder);
    if (options_.normal_test_dir) {
      const fs::path test = folder_of(root_, *options_.normal_test_dir, "normal_test_dir");
      for (const auto& image : images_below(test)) add(image, "good", false);
      for (const auto& image : normal) add(image, "good", true);
      return;
    }
    if (normal.size() < 2) {
      throw core::DataError("the folder has fewer than two images, so none can be held out for the test",
                            folder.string(), "Add images, or set dataset.normal_test_dir.");
    }
    split(normal);
  }

  void add_abnormal(const std::string& name) {
    const fs::path folder = folder_of(root_, name, "abnormal_dir");
    const std::string own_type = (folder / "").parent_path().filename().string();
    for (const auto& image : images_below(folder)) {
      const fs::path inner = image.lexically_relative(folder).parent_path();
      const std::string type = inner.empty() ? own_type : inner.begin()->string();
      if (type == "good") {
        throw core::DataError("'good' is the type of normal images, and the folder is listed as abnormal",
                              (folder / inner).string(), "Rename the folder, or name it in dataset.normal_test_dir.");
      }
      add(image, type, false);
      listing_.images.back().sample.mask = masks_.find(image, folder, inner, type);
    }
  }

  Listing take() && { return std::move(listing_); }

 private:
  std::string name_of_root() const {
    return fs::absolute(root_ / "").lexically_normal().parent_path().filename().string();
  }

  std::vector<fs::path> images_below(const fs::path& folder) const {
    auto files = files_below(folder);
    std::erase_if(files, [&](const fs::path& file) {
      return !has_image_name(file) || (masks_.holds(file) && !masks_.holds(folder / "any"));
    });
    if (files.empty()) {
      throw core::DataError("the folder has no images", folder.string(),
                            "Pictures end in .png, .jpg, .jpeg, .bmp, .tif or .tiff.");
    }
    return files;
  }

  void split(const std::vector<fs::path>& normal) {
    std::vector<std::pair<std::uint64_t, fs::path>> drawn;
    for (const auto& image : normal) {
      const std::string id = image.lexically_relative(root_).generic_string();
      core::RandomStream random(static_cast<std::uint64_t>(options_.split_seed), "folder/normal_split/" + id);
      drawn.emplace_back(random.bits(), image);
    }
    std::sort(drawn.begin(), drawn.end());
    const auto wanted = std::llround(options_.normal_split_ratio * static_cast<double>(drawn.size()));
    const auto count = std::clamp<std::size_t>(static_cast<std::size_t>(wanted), 1, drawn.size() - 1);
    for (std::size_t i = 0; i < drawn.size(); ++i) add(drawn[i].second, "good", i >= count);
    listing_.notes.push_back(
        fmt::format("{}: {} of {} normal images are held out for the test (dataset.normal_split_ratio={}, "
                    "dataset.split_seed={}); dataset.normal_test_dir would name them",
                    listing_.categories[0], count, drawn.size(), options_.normal_split_ratio, options_.split_seed));
  }

  void add(const fs::path& image, const std::string& type, bool is_train) {
    listing_.images.push_back(
        {image.string(), listing_.categories[0], is_train, make_sample(root_, image, type), false});
  }

  fs::path root_;
  FolderOptions options_;
  Masks masks_;
  Listing listing_;
};

}  // namespace

void FolderOptions::describe(config::Options& o) {
  o.field("category", category).help("the product's name, which texts use; null = the root folder's name");
  o.field("normal_dir", normal_dir).help("folder of normal images, relative to dataset.root").required();
  o.field("abnormal_dir", abnormal_dir)
      .help("one folder of defect images or a list; a folder, or each of its sub-folders, is a defect type")
      .required();
  o.field("normal_test_dir", normal_test_dir).help("folder of normal test images; null = some of normal_dir");
  o.field("mask_dir", mask_dir).help("folder of masks named like their images; null = no masks");
  o.field("normal_split_ratio", normal_split_ratio)
      .help("share of normal_dir that is tested on when there is no normal_test_dir")
      .above(0)
      .below(1);
  o.field("split_seed", split_seed).help("decides which of normal_dir are tested on").at_least(0);
}

Listing list_folder(const fs::path& root, const FolderOptions& options, const Report& report) {
  require_root(root, "folder");
  FolderWalk walk(root, options);
  walk.add_normal();
  if (options.abnormal_dir.empty()) {
    throw core::ConfigError("no folder of defect images is named", "dataset.abnormal_dir",
                            "Name one, or several as [a,b].");
  }
  for (const auto& name : options.abnormal_dir) walk.add_abnormal(name);
  Listing listing = std::move(walk).take();
  drop_repetitions(listing, report);
  return listing;
}

Dataset read_folder(const fs::path& root, const FolderOptions& options) {
  return dataset_of(list_folder(root, options, refuse()), "folder");
}

}  // namespace normadd::datasets
