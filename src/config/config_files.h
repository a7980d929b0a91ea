// SPDX-License-Identifier: Apache-2.0
// The YAML files of the search path: which groups and options there are, and what each file holds.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/defaults_entry.h"
#include "config/value.h"

namespace normadd::config {

struct ConfigFile {
  std::filesystem::path path;
  std::optional<std::string> package_header;  // of "# @package x", normalised to "_global_" or "_global_.x"
  std::vector<DefaultsEntry> defaults;
  Value content;  // without "defaults"
};

class ConfigFiles {
 public:
  /// Throws ConfigError when none of the search paths is a directory.
  explicit ConfigFiles(std::vector<std::filesystem::path> search_paths);

  /// The first <search path>/<name>.yaml, or nullptr. Throws ConfigError when it cannot be parsed or is no map.
  const ConfigFile* load(const std::string& name);
  /// Whether a search path has a directory of this name.
  bool has_group(const std::string& group) const;
  /// Sorted names of the files in a group, of all search paths.
  std::vector<std::string> options(const std::string& group) const;
  /// All groups with at least one file below them, sorted, as "a", "a/b".
  std::vector<std::string> groups() const;
  std::string search_path_text() const;

 private:
  std::vector<std::filesystem::path> search_paths_;
  std::map<std::string, std::optional<ConfigFile>> loaded_;
};

}  // namespace normadd::config
