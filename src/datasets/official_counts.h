// SPDX-License-Identifier: Apache-2.0
// How many images the official releases have.
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace normadd::datasets {

/// MVTec AD: category -> type ("good" included) -> number of test images.
/// Source: Bergmann et al., "The MVTec Anomaly Detection Dataset", IJCV 2021, and the published archive.
const std::map<std::string, std::map<std::string, int>>& official_test_counts();

/// MVTec AD: category -> number of images in train/good, 3629 in all. Source: as above.
const std::map<std::string, int>& official_train_counts();

/// MVTec AD: category -> side of its square pictures in pixels.
const std::map<std::string, int>& official_picture_px();

struct VisaCounts {
  int normal = 0, anomalous = 0;
};
/// VisA: category -> images in Data/Images, 10,821 in all.
/// Source: the table in the dataset's repository, and its split files, which name every image.
const std::map<std::string, VisaCounts>& official_visa_counts();

/// MPDD: 888 training and 458 test images. Source: Jezek et al., ICUMT 2021.
inline constexpr std::size_t kOfficialMpddImages = 1346;

/// BTAD: 1799 training and 741 test images. The 2830 of the paper count the 290 masks, too.
inline constexpr std::size_t kOfficialBtadImages = 2540;

}  // namespace normadd::datasets
