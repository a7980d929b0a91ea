// SPDX-License-Identifier: Apache-2.0
#include "datasets/layout.h"

#include <algorithm>
#include <cctype>

#include "core/error.h"

namespace normadd::datasets {

namespace fs = std::filesystem;

std::vector<std::string> sub_folders(const fs::path& folder) {
  std::vector<std::string> names;
  if (!fs::is_directory(folder)) return names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && name[0] != '.') names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().filename().string()[0] != '.') files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> category_names(const fs::path& root) {
  if (!fs::is_directory(root)) {
    throw core::DataError("no such dataset folder", root.string(), "Set dataset.root=PATH to where the dataset is.");
  }
  std::vector<std::string> names;
  for (const auto& name : sub_folders(root)) {
    if (fs::is_directory(root / name / "train") || fs::is_directory(root / name / "test")) names.push_back(name);
  }
  if (names.empty()) {
    throw core::DataError("no category found: no folder in it has train/ and test/", root.string(),
                          "Expected CATEGORY/train/good, CATEGORY/test/TYPE and CATEGORY/ground_truth/TYPE below it.");
  }
  return names;
}

bool has_image_name(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  constexpr const char* kExtensions[] = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"};
  return std::find(std::begin(kExtensions), std::end(kExtensions), extension) != std::end(kExtensions);
}

std::vector<fs::path> images_in(const fs::path& folder) {
  auto files = files_in(folder);
  std::erase_if(files, [](const fs::path& file) { return !has_image_name(file); });
  return files;
}

fs::path mask_path_for(const fs::path& category_folder, const std::string& type, const fs::path& image) {
  return category_folder / "ground_truth" / type / (image.stem().string() + "_mask.png");
}

}  // namespace normadd::datasets
