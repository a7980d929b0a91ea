// SPDX-License-Identifier: Apache-2.0
#include "datasets/picture_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "core/error.h"
#include "datasets/parallel_files.h"
#include "imaging/codec.h"

namespace normadd::datasets {

namespace fs = std::filesystem;

void PictureCheck::error(const fs::path& path, std::string message) {
  findings_.push_back({Severity::kError, path.string(), std::move(message)});
}

void PictureCheck::warning(const fs::path& path, std::string message) {
  findings_.push_back({Severity::kWarning, path.string(), std::move(message)});
}

void PictureCheck::add_mask(const fs::path& mask, const fs::path& image) {
  masks_.emplace_back(mask, image);
  const std::string ending = mask.extension().string();
  if (ending == ".jpg" || ending == ".jpeg" || ending == ".JPG" || ending == ".JPEG") {
    warning(mask, "JPEG leaves noise around the edges of a mask, and every value above 0 counts as defect: use PNG");
  }
}

void PictureCheck::judge(const Counts& counts, const fs::path& train, const fs::path& test_good, const fs::path& test) {
  if (counts.train == 0) error(train, "there are no training images");
  if (counts.test_good == 0) warning(test_good, "there are no good test images");
  if (counts.types == 0) error(test, "there is no defect type, so nothing can be evaluated");
  if (counts.types == 1) warning(test, "there is a single defect type, so normality addition has no pair here");
}

void PictureCheck::measure() {
  read_sizes();
  compare_masks();
  compare_images();
  images_.clear();
  masks_.clear();
  sizes_.clear();
}

std::vector<Finding> PictureCheck::sorted_findings() && {
  std::stable_sort(findings_.begin(), findings_.end(),
                   [](const Finding& a, const Finding& b) { return a.path < b.path; });
  return std::move(findings_);
}

void PictureCheck::read_sizes() {
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

void PictureCheck::compare_masks() {
  for (const auto& [mask, image] : masks_) {
    const auto a = sizes_.find(mask), b = sizes_.find(image);
    if (a == sizes_.end() || b == sizes_.end() || a->second == b->second) continue;
    error(mask, fmt::format("the mask is {}x{}, its image {}x{}", a->second.width, a->second.height, b->second.width,
                            b->second.height));
  }
}

void PictureCheck::compare_images() {
  std::optional<imaging::Size> first;
  std::vector<fs::path> others;
  for (const auto& image : images_) {
    const auto size = sizes_.find(image);
    if (size == sizes_.end()) continue;
    if (!first) first = size->second;
    if (!(size->second == *first)) others.push_back(image);
  }
  if (others.empty()) return;
  // Some datasets have many sizes by nature: one line per category says it.
  const auto& size = sizes_.at(others.front());
  warning(others.front(),
          fmt::format("the image is {}x{}, the category's first {}x{}{}", size.width, size.height, first->width,
                      first->height,
                      others.size() == 1 ? "" : fmt::format("; {} more differ from it, too", others.size() - 1)));
}

}  // namespace normadd::datasets
