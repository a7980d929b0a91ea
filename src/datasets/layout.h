// SPDX-License-Identifier: Apache-2.0
// Folders and files of a dataset on disk, and the layout CATEGORY/train, CATEGORY/test, CATEGORY/ground_truth that
// MVTec AD, MPDD and BTAD share.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace normadd::datasets {

/// Sub-folders of a folder, sorted; empty when it does not exist.
std::vector<std::string> sub_folders(const std::filesystem::path& folder);
/// Regular files of a folder that do not start with a dot, sorted; empty when it does not exist.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder);

/// .png, .jpg, .jpeg, .bmp, .tif, .tiff, in any case.
bool has_image_name(const std::filesystem::path& path);
/// Those files of a folder that have an image's name, sorted; empty when it does not exist.
std::vector<std::filesystem::path> images_in(const std::filesystem::path& folder);
/// files_in of a folder and of all folders below it that do not start with a dot, sorted.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder);

/// How a dataset with train, test and ground_truth folders names things.
struct CategoryFolders {
  std::string layout;                     // the reader's name
  std::string normal;                     // folder of normal images in train and test
  std::vector<std::string> mask_endings;  // a mask is STEM + ending; the first that exists, the first is the rule
  std::vector<std::string> categories;    // official names; empty = any
};
/// mvtec_ad (any categories), mpdd, btad.
const CategoryFolders& mvtec_ad_folders();
const CategoryFolders& mpdd_folders();
const CategoryFolders& btad_folders();

/// Folders below root that have train/ or test/, sorted; empty when there is none.
std::vector<std::string> find_category_folders(const std::filesystem::path& root);
/// The same. Throws DataError when root is missing or has none, or one that is not official.
std::vector<std::string> category_names(const std::filesystem::path& root, const CategoryFolders& folders);

/// Where the mask of test/TYPE/STEM.png should be: ground_truth/TYPE/STEM + first ending.
std::filesystem::path expected_mask(const std::filesystem::path& category_folder, const std::string& type,
                                    const std::filesystem::path& image, const CategoryFolders& folders);
/// The mask that is there, if any.
std::optional<std::filesystem::path> find_mask(const std::filesystem::path& category_folder, const std::string& type,
                                               const std::filesystem::path& image, const CategoryFolders& folders);

}  // namespace normadd::datasets
