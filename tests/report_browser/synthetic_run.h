// SPDX-License-Identifier: Apache-2.0
// A run's folder as 'normadd run' writes it, of any size and with any names, without detectors or data.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace normadd::test {

struct SyntheticCategory {
  std::string name;
  std::vector<std::string> types;
  std::size_t num_good = 10;
  std::size_t num_per_type = 5;
};

struct SyntheticRun {
  std::string dataset = "demo";
  std::string id = "1a2b3c4d";
  std::vector<std::string> detectors{"patchcore"};
  std::string prompts = "described";
  std::vector<std::string> controls{"constant", "random"};
  std::vector<SyntheticCategory> categories;
  double fusion_lambda = 1;
  bool has_pictures = true;
};

/// Every type of every category is added once. Scores are random, metrics follow from them; pictures are noise, so that
/// none is smaller than a real one. The same run gives the same bytes.
void write_synthetic_run(const std::filesystem::path& folder, const SyntheticRun& run);

/// As large as MVTec AD: 15 categories, 72 pairs, 1,725 test images.
std::vector<SyntheticCategory> mvtec_sized_categories();

}  // namespace normadd::test
