// SPDX-License-Identifier: Apache-2.0
// Readers of the datasets whose folders tell everything, besides MVTec AD (dataset.h).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace normadd::datasets {

/// MPDD: MVTec AD's layout with six categories. Errors as read_mvtec_ad, and DataError for a category that MPDD does
/// not have.
/// Source: Jezek et al., "Deep learning-based defect detection of metal parts", ICUMT 2021.
Dataset read_mpdd(const std::filesystem::path& root, const std::vector<std::string>& categories);

/// BTAD: 01, 02, 03 with train/ok, test/ok, test/ko, ground_truth/ko/STEM.png or .bmp. ok becomes "good", ko is the
/// single defect type, so that no normality-addition pair exists. Errors as read_mpdd.
/// Source: Mishra et al., "VT-ADL: A Vision Transformer Network for Image Anomaly Detection and Localization", ISIE
/// 2021.
Dataset read_btad(const std::filesystem::path& root, const std::vector<std::string>& categories);

}  // namespace normadd::datasets
