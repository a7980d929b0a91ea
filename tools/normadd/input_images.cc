// SPDX-License-Identifier: Apache-2.0
#include "normadd/input_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>
#include <map>
#include <set>

#include "core/error.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;

bool is_picture(const fs::path& file) {
  static const std::set<std::string> extensions{".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"};
  return extensions.contains(boost::algorithm::to_lower_copy(file.extension().string()));
}

/// The last four parts of a path when they are CATEGORY/SPLIT/TYPE/NAME; else empty.
std::string id_in_dataset(const fs::path& file) {
  const fs::path path = fs::absolute(file).lexically_normal();
  const std::vector<fs::path> parts(path.begin(), path.end());
  constexpr std::size_t kParts = 4;
  if (parts.size() <= kParts) return "";
  const auto* last = &parts[parts.size() - kParts];
  if (last[1] != "test" && last[1] != "train") return "";
  return (last[0] / last[1] / last[2] / last[3]).generic_string();
}

std::string id_of(const fs::path& file, const fs::path& relative) {
  if (const std::string id = id_in_dataset(file); !id.empty()) return id;
  fs::path id;
  for (const auto& part : relative.lexically_normal().relative_path()) {
    if (part != "..") id /= part;
  }
  return id.generic_string();
}

void add_folder(const fs::path& folder, std::vector<InputImage>& images) {
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator entry(folder), end; entry != end; ++entry) {
    if (entry->is_directory() && entry->path().filename() == "ground_truth") {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file() && is_picture(entry->path())) {
      files.push_back(entry->path());
    }
  }
  if (files.empty()) {
    throw core::DataError("there is no picture in this folder", folder.string(),
                          "Name a folder with .png, .jpg, .bmp or .tif files.");
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) images.push_back({file, id_of(file, file.lexically_relative(folder))});
}

void add(const std::string& argument, std::vector<InputImage>& images) {
  if (fs::is_directory(argument)) {
    add_folder(argument, images);
  } else {
    images.push_back({argument, id_of(argument, argument)});
  }
}

}  // namespace

std::vector<InputImage> input_images(const std::vector<std::string>& arguments, std::istream& standard_input) {
  std::vector<InputImage> images;
  for (const auto& argument : arguments) {
    if (argument != "-") {
      add(argument, images);
      continue;
    }
    for (std::string line; std::getline(standard_input, line);) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (!line.empty()) add(line, images);
    }
  }
  if (images.empty()) {
    throw core::ConfigError("no picture is named", "", "Give files, folders, or '-' for a list on standard input.");
  }
  return images;
}

std::vector<fs::path> output_files(const std::vector<InputImage>& images, const fs::path& folder,
                                   const std::string& extension) {
  std::vector<fs::path> files;
  std::map<fs::path, fs::path> taken;
  std::set<fs::path> inputs;
  for (const auto& image : images) inputs.insert(fs::weakly_canonical(image.file));
  for (const auto& image : images) {
    fs::path file = (folder / image.id).replace_extension(extension);
    if (inputs.contains(fs::weakly_canonical(file))) {
      throw core::ConfigError("a result would replace one of the pictures", file.string(), "Choose another folder.");
    }
    const auto [other, is_new] = taken.emplace(file, image.file);
    if (!is_new) {
      throw core::ConfigError(
          fmt::format("'{}' and '{}' would share this result", other->second.string(), image.file.string()),
          file.string(), "Name each picture once, and a common folder of both.");
    }
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace normadd::tools
