// SPDX-License-Identifier: Apache-2.0
// Folders of named YAML files: prompt sets and instructions.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace normadd::normality {

/// Names, without .yaml, of the files in a folder; sorted, empty when there is no such folder.
std::vector<std::string> yaml_names(const std::filesystem::path& folder);

/// A hint for a missing file: the nearest name beside it.
std::string nearest_yaml_file(const std::filesystem::path& file);

}  // namespace normadd::normality
