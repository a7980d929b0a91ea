// SPDX-License-Identifier: Apache-2.0
#include "datasets/layout.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "core/error.h"
#include "datasets/layout_guess.h"

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

std::vector<fs::path> files_below(const fs::path& folder) {
  auto files = files_in(folder);
  for (const auto& name : sub_folders(folder)) {
    const auto more = files_below(folder / name);
    files.insert(files.end(), more.begin(), more.end());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Converted datasets often name a mask like its image.
const CategoryFolders& mvtec_ad_folders() {
  static const CategoryFolders folders{"mvtec_ad", "good", {"_mask.png", ".png"}, {}};
  return folders;
}

const CategoryFolders& mpdd_folders() {
  static const CategoryFolders folders{
      "mpdd",
      "good",
      {"_mask.png", ".png"},
      {"bracket_black", "bracket_brown", "bracket_white", "connector", "metal_plate", "tubes"}};
  return folders;
}

const CategoryFolders& btad_folders() {
  static const CategoryFolders folders{"btad", "ok", {".png", ".bmp"}, {"01", "02", "03"}};
  return folders;
}

std::vector<std::string> find_category_folders(const fs::path& root) {
  std::vector<std::string> names;
  for (const auto& name : sub_folders(root)) {
    if (fs::is_directory(root / name / "train") || fs::is_directory(root / name / "test")) names.push_back(name);
  }
  return names;
}

std::vector<std::string> category_names(const fs::path& root, const CategoryFolders& folders) {
  require_root(root, folders.layout);
  auto names = find_category_folders(root);
  if (names.empty()) {
    throw core::DataError("no category found: no folder in it has train/ and test/", root.string(),
                          layout_hint(root, folders.layout));
  }
  const auto& official = folders.categories;
  for (const auto& name : names) {
    if (official.empty() || std::find(official.begin(), official.end(), name) != official.end()) continue;
    throw core::DataError(fmt::format("'{}' is none of the categories of {}", name, folders.layout), root.string(),
                          fmt::format("They are {}; dataset=mvtec_ad reads any categories in train/good, test/TYPE "
                                      "and ground_truth/TYPE.",
                                      fmt::join(official, ", ")));
  }
  return names;
}

fs::path expected_mask(const fs::path& category_folder, const std::string& type, const fs::path& image,
                       const CategoryFolders& folders) {
  return category_folder / "ground_truth" / type / (image.stem().string() + folders.mask_endings.front());
}

std::optional<fs::path> find_mask(const fs::path& category_folder, const std::string& type, const fs::path& image,
                                  const CategoryFolders& folders) {
  for (const auto& ending : folders.mask_endings) {
    const auto mask = category_folder / "ground_truth" / type / (image.stem().string() + ending);
    if (fs::is_regular_file(mask)) return mask;
  }
  return std::nullopt;
}

}  // namespace normadd::datasets
