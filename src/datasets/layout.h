// SPDX-License-Identifier: Apache-2.0
// MVTec AD's layout on disk: CATEGORY/train/good/*, CATEGORY/test/TYPE/*, CATEGORY/ground_truth/TYPE/*_mask.png.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace normadd::datasets {

/// Folders below root that have train/ or test/, sorted. Throws DataError when root is missing or has none.
std::vector<std::string> category_names(const std::filesystem::path& root);

/// Sub-folders of a folder, sorted; empty when it does not exist.
std::vector<std::string> sub_folders(const std::filesystem::path& folder);
/// Regular files of a folder that do not start with a dot, sorted; empty when it does not exist.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder);

/// .png, .jpg, .jpeg, .bmp, .tif, .tiff, in any case.
bool has_image_name(const std::filesystem::path& path);
/// Those files of a folder that have an image's name, sorted; empty when it does not exist.
std::vector<std::filesystem::path> images_in(const std::filesystem::path& folder);
/// ground_truth/TYPE/STEM_mask.png for test/TYPE/STEM.png.
std::filesystem::path mask_path_for(const std::filesystem::path& category_folder, const std::string& type,
                                    const std::filesystem::path& image);

}  // namespace normadd::datasets
