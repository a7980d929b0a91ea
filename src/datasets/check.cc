// SPDX-License-Identifier: Apache-2.0
#include "datasets/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "core/error.h"
#include "datasets/layout.h"
#include "datasets/official_counts.h"
#include "datasets/parallel_files.h"
#include "imaging/codec.h"

namespace normadd::datasets {
namespace {

namespace fs = std::filesystem;

class Check {
 public:
  explicit Check(fs::path root) : root_(std::move(root)) {}

  void examine(const std::string& category) {
    const fs::path folder = root_ / category;
    expect_folders(folder, {"train", "test", "ground_truth"});
    expect_folders(folder / "train", {"good"});
    if (images_in(folder / "train" / "good").empty()) error(folder / "train" / "good", "there are no training images");
    if (images_in(folder / "test" / "good").empty()) warning(folder / "test" / "good", "there are no good test images");
    collect_images(folder / "train" / "good");
    std::size_t num_types = 0;
    for (const auto& type : sub_folders(folder / "test")) {
      collect_images(folder / "test" / type);
      const bool empty = images_in(folder / "test" / type).empty();
      if (empty) error(folder / "test" / type, "the folder has no images");
      if (type == "good") continue;
      num_types += empty ? 0 : 1;
      pair_with_masks(folder, type);
    }
    for (const auto& type : sub_folders(folder / "ground_truth")) find_lonely_masks(folder, type);
    if (num_types == 0) error(folder / "test", "there is no defect type, so nothing can be evaluated");
    if (num_types == 1)
      warning(folder / "test", "there is a single defect type, so normality addition has no pair here");
    read_sizes();
    compare_sizes();
    images_.clear();
    masks_.clear();
    sizes_.clear();
  }

  void compare_with_official_counts(const std::vector<std::string>& categories) {
    const auto& official = official_test_counts();
    for (const auto& [category, unused] : official) {
      if (std::find(categories.begin(), categories.end(), category) == categories.end()) return;
    }
    for (const auto& [category, types] : official) {
      for (const auto& [type, count] : types) {
        const auto found = images_in(root_ / category / "test" / type).size();
        if (found != static_cast<std::size_t>(count)) {
          warning(root_ / category / "test" / type,
                  fmt::format("{} images, the official release has {}", found, count));
        }
      }
    }
  }

  std::vector<Finding> sorted_findings() && {
    std::stable_sort(findings_.begin(), findings_.end(),
                     [](const Finding& a, const Finding& b) { return a.path < b.path; });
    return std::move(findings_);
  }

 private:
  void error(const fs::path& path, std::string message) {
    findings_.push_back({Severity::kError, path.string(), std::move(message)});
  }
  void warning(const fs::path& path, std::string message) {
    findings_.push_back({Severity::kWarning, path.string(), std::move(message)});
  }

  void expect_folders(const fs::path& folder, const std::set<std::string>& names) {
    for (const auto& name : names) {
      if (!fs::is_directory(folder / name)) error(folder / name, "the folder is missing");
    }
    for (const auto& name : sub_folders(folder)) {
      if (!names.contains(name)) warning(folder / name, "unexpected folder, not used");
    }
  }

  void collect_images(const fs::path& folder) {
    for (const auto& name : sub_folders(folder)) warning(folder / name, "unexpected folder, not used");
    for (const auto& file : files_in(folder)) {
      if (has_image_name(file)) {
        images_.push_back(file);
      } else {
        warning(file, "unexpected file, not used");
      }
    }
  }

  void pair_with_masks(const fs::path& category, const std::string& type) {
    for (const auto& image : images_in(category / "test" / type)) {
      const fs::path mask = mask_path_for(category, type, image);
      if (fs::is_regular_file(mask)) {
        masks_.emplace_back(mask, image);
      } else {
        error(mask, fmt::format("the mask of {} is missing", image.lexically_relative(root_).generic_string()));
      }
    }
  }

  void find_lonely_masks(const fs::path& category, const std::string& type) {
    std::set<std::string> expected;
    for (const auto& image : images_in(category / "test" / type))
      expected.insert(mask_path_for(category, type, image).filename().string());
    for (const auto& mask : files_in(category / "ground_truth" / type)) {
      if (!expected.contains(mask.filename().string())) error(mask, "the mask has no image");
    }
  }

  void read_sizes() {
    std::vector<fs::path> files = images_;
    for (const auto& [mask, image] : masks_) files.push_back(mask);
    std::mutex mutex;
    for_each_in_parallel(files.size(), [&](std::size_t i) {
      try {
        const imaging::Size size = imaging::read_image_size(files[i]);
        const std::lock_guard<std::mutex> lock(mutex);
        sizes_[files[i]] = size;
      } catch (const core::Error& problem) {
        const std::lock_guard<std::mutex> lock(mutex);
        error(files[i], problem.message());
      }
    });
  }

  void compare_sizes() {
    for (const auto& [mask, image] : masks_) {
      const auto a = sizes_.find(mask), b = sizes_.find(image);
      if (a == sizes_.end() || b == sizes_.end() || a->second == b->second) continue;
      error(mask, fmt::format("the mask is {}x{}, its image {}x{}", a->second.width, a->second.height, b->second.width,
                              b->second.height));
    }
    std::optional<imaging::Size> first;
    for (const auto& image : images_) {
      const auto size = sizes_.find(image);
      if (size == sizes_.end()) continue;
      if (!first) first = size->second;
      if (!(size->second == *first)) {
        warning(image, fmt::format("the image is {}x{}, the category's first {}x{}", size->second.width,
                                   size->second.height, first->width, first->height));
      }
    }
  }

  fs::path root_;
  std::vector<fs::path> images_;
  std::vector<std::pair<fs::path, fs::path>> masks_;  // mask, image
  std::map<fs::path, imaging::Size> sizes_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_mvtec_ad(const fs::path& root, const std::vector<std::string>& categories) {
  const auto all = category_names(root);
  Check check(root);
  for (const auto& category : categories.empty() ? all : categories) check.examine(category);
  if (categories.empty()) check.compare_with_official_counts(all);
  return std::move(check).sorted_findings();
}

}  // namespace normadd::datasets
