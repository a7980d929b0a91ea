// SPDX-License-Identifier: Apache-2.0
// One product in plain folders, as anomalib's Folder knows it: normal images in one, defect images in others.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/options.h"
#include "datasets/listing.h"

namespace normadd::datasets {

struct FolderOptions {
  std::optional<std::string> category;
  std::string normal_dir;
  std::vector<std::string> abnormal_dir;
  std::optional<std::string> normal_test_dir;
  std::optional<std::string> mask_dir;
  double normal_split_ratio = 0.2;
  std::int64_t split_seed = 0;
  void describe(config::Options& o);
};

/// Folders are relative to root and below it. normal_dir and normal_test_dir are read with all folders below them.
/// Images directly in a folder of abnormal_dir have its name as type, those below a sub-folder that sub-folder's.
/// Without normal_test_dir the images of normal_dir whose number, drawn from (split_seed, id), is lowest go to the
/// test: normal_split_ratio of them, at least one and never all; an image that is added later moves few others. The
/// mask of D/SUB/STEM.png (D in abnormal_dir) is STEM or STEM_mask with any image extension in the first of
/// mask_dir/D/SUB, mask_dir/SUB, mask_dir/TYPE and mask_dir that has one.
/// Throws DataError for a missing root or folder and for folders without images.
Listing list_folder(const std::filesystem::path& root, const FolderOptions& options, const Report& report);

/// Throws DataError at the first problem.
Dataset read_folder(const std::filesystem::path& root, const FolderOptions& options);

}  // namespace normadd::datasets
