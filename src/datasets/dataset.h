// SPDX-License-Identifier: Apache-2.0
// Samples as every reader delivers them, whatever the layout on disk.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace normadd::datasets {

struct Sample {
  std::string id;           // path relative to the root, '/'-separated: unique, sorted
  std::string defect_type;  // "good" for normal images
  std::filesystem::path image;
  std::optional<std::filesystem::path> mask;  // absent for good images and where the file is missing
  bool anomalous() const { return defect_type != "good"; }
};

struct Category {
  std::string name;
  std::vector<Sample> train;               // good only, sorted by id
  std::vector<Sample> test;                // good first, then defect types in name order; sorted by id inside each
  std::vector<std::string> defect_types;   // sorted, without "good"
  std::vector<std::string> missing_masks;  // ids of anomalous test samples without a mask
};

struct Dataset {
  std::string name;
  std::filesystem::path root;
  std::vector<Category> categories;
  std::string content_hash;          // of all file names and bytes, and of labels that files alone do not tell
  std::vector<std::string> notes{};  // what the reader decided, for the log
};

/// MVTec AD layout: CATEGORY/train/good/*, CATEGORY/test/TYPE/*, CATEGORY/ground_truth/TYPE/*_mask.png.
/// categories empty = every folder that looks like a category. Throws DataError naming what is missing (root, category
/// with the nearest name, empty train/good, no test images).
Dataset read_mvtec_ad(const std::filesystem::path& root, const std::vector<std::string>& categories);

}  // namespace normadd::datasets
