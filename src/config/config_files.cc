// SPDX-License-Identifier: Apache-2.0
#include "config/config_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "config/compose.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::config {
namespace {

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// The package of a "# @package x" line among the comments at the head of the file.
std::optional<std::string> package_header_of(const std::string& text, const std::string& file) {
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    line = trimmed(line);
    if (line.empty()) continue;
    if (line.front() != '#') return std::nullopt;
    line = trimmed(line.substr(1));
    if (!line.starts_with("@package")) continue;
    const std::string package = package_of(trimmed(line.substr(8)), {file, number});
    // A header's package is absolute, other than one in a defaults list.
    if (package == "_global_" || package.starts_with("_global_.")) return package;
    return package.empty() ? "_global_" : "_global_." + package;
  }
  return std::nullopt;
}

/// Only those that can be reached and read: a broken link among the options is no reason to offer none.
std::vector<std::filesystem::path> yaml_files_below(const std::filesystem::path& folder) {
  using std::filesystem::directory_options;
  constexpr auto kReach = directory_options::skip_permission_denied | directory_options::follow_directory_symlink;
  constexpr int kDeepest = 8;  // ends links that lead back
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry(folder, kReach, error), end; entry != end && !error;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry.depth() >= kDeepest) entry.disable_recursion_pending();
    if (entry->is_regular_file(ignored) && entry->path().extension() == ".yaml") files.push_back(entry->path());
  }
  return files;
}

ConfigFile read_config_file(const std::filesystem::path& path) {
  ConfigFile file;
  file.path = path;
  const std::string text = core::read_file(path);
  file.package_header = package_header_of(text, path.string());
  file.content = parse_yaml(text, path.string());
  if (file.content.is_null()) file.content = MapEntries{};
  if (!file.content.is_map()) {
    throw core::ConfigError(
        fmt::format("a config file must hold a map, but this one holds {}", kind_text(file.content)), path.string(),
        "");
  }
  if (const Value* defaults = file.content.find("defaults")) {
    if (!defaults->is_null()) file.defaults = parse_defaults(*defaults);
    file.content.erase("defaults");
  }
  return file;
}

}  // namespace

ConfigFiles::ConfigFiles(std::vector<std::filesystem::path> search_paths) : search_paths_(std::move(search_paths)) {
  const auto is_directory = [](const auto& path) {
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored);
  };
  if (std::none_of(search_paths_.begin(), search_paths_.end(), is_directory)) {
    throw core::ConfigError("there is no directory with configs", search_path_text(),
                            "Run the program in the project's directory or name the configs with -cp DIR.");
  }
}

const ConfigFile* ConfigFiles::load(const std::string& name) {
  const auto known = loaded_.find(name);
  if (known != loaded_.end()) return known->second ? &*known->second : nullptr;
  std::optional<ConfigFile> file;
  for (const auto& root : search_paths_) {
    std::error_code ignored;
    const auto path = root / (name + ".yaml");
    if (!std::filesystem::is_regular_file(path, ignored)) continue;
    file = read_config_file(path);
    break;
  }
  auto& kept = loaded_[name] = std::move(file);
  return kept ? &*kept : nullptr;
}

bool ConfigFiles::has_group(const std::string& group) const {
  return !group.empty() && std::any_of(search_paths_.begin(), search_paths_.end(), [&](const auto& root) {
    std::error_code ignored;
    return std::filesystem::is_directory(root / group, ignored);
  });
}

std::vector<std::string> ConfigFiles::options(const std::string& group) const {
  std::set<std::string> names;
  for (const auto& root : search_paths_) {
    const auto base = root / group;
    for (const auto& path : yaml_files_below(base)) {
      const auto name = path.lexically_relative(base).replace_extension();
      // At the top only the main configs are options; the directories beside them are groups.
      if (group.empty() && name.has_parent_path()) continue;
      names.insert(name.generic_string());
    }
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> ConfigFiles::groups() const {
  std::set<std::string> names;
  for (const auto& root : search_paths_) {
    for (const auto& path : yaml_files_below(root)) {
      auto directory = path.lexically_relative(root).parent_path();
      for (; !directory.empty(); directory = directory.parent_path()) names.insert(directory.generic_string());
    }
  }
  return {names.begin(), names.end()};
}

std::string ConfigFiles::search_path_text() const {
  std::vector<std::string> texts;
  for (const auto& path : search_paths_) texts.push_back(path.string());
  return fmt::format("{}", fmt::join(texts, ":"));
}

}  // namespace normadd::config
