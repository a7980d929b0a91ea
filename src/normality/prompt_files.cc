// SPDX-License-Identifier: Apache-2.0
#include "normality/prompt_files.h"

#include <algorithm>

#include "core/nearest_name.h"

namespace normadd::normality {

std::vector<std::string> yaml_names(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  if (std::filesystem::is_directory(folder)) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string nearest_yaml_file(const std::filesystem::path& file) {
  return core::did_you_mean(file.stem().string(), yaml_names(file.parent_path()));
}

}  // namespace normadd::normality
