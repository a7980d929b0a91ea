// SPDX-License-Identifier: Apache-2.0
// Test images of the official MVTec AD release, per category and type.
#pragma once

#include <map>
#include <string>

namespace normadd::datasets {

/// category -> type ("good" included) -> number of test images.
/// Source: Bergmann et al., "The MVTec Anomaly Detection Dataset", IJCV 2021, and the published archive.
const std::map<std::string, std::map<std::string, int>>& official_test_counts();

}  // namespace normadd::datasets
