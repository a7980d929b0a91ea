// SPDX-License-Identifier: Apache-2.0
// What every layout's check asks of pictures: that they decode, and that masks have their image's size.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "datasets/check.h"
#include "imaging/image.h"

namespace normadd::datasets {

class PictureCheck {
 public:
  void error(const std::filesystem::path& path, std::string message);
  void warning(const std::filesystem::path& path, std::string message);

  void add_image(const std::filesystem::path& image) { images_.push_back(image); }
  void add_mask(const std::filesystem::path& mask, const std::filesystem::path& image);

  /// Errors for no training image and no defect type, warnings for no good test image and for a single type.
  struct Counts {
    std::size_t train = 0, test_good = 0, types = 0;
  };
  void judge(const Counts& counts, const std::filesystem::path& train, const std::filesystem::path& test_good,
             const std::filesystem::path& test);

  /// Decodes what was added since the last call, in parallel. One category at a time: its first image's size is what
  /// the others are compared with.
  void measure();

  /// By path.
  std::vector<Finding> sorted_findings() &&;

 private:
  void read_sizes();
  void compare_masks();
  void compare_images();

  std::vector<std::filesystem::path> images_;
  std::vector<std::pair<std::filesystem::path, std::filesystem::path>> masks_;  // mask, image
  std::map<std::filesystem::path, imaging::Size> sizes_;
  std::vector<Finding> findings_;
};

}  // namespace normadd::datasets
