// SPDX-License-Identifier: Apache-2.0
#include "normadd_complete/override_candidates.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "config/config_files.h"
#include "config/override_grammar.h"
#include "core/error.h"

namespace normadd::completion {
namespace {

namespace fs = std::filesystem;
using config::Value;

/// Sweeps count by nothing here: any of their values would do, and none need be complete.
std::vector<std::string> plain_overrides(const std::vector<std::string>& overrides) {
  std::vector<std::string> plain;
  for (const auto& text : overrides) {
    try {
      if (!config::parse_override(text).is_sweep()) plain.push_back(text);
    } catch (const core::Error&) {
    }
  }
  return plain;
}

Value composed_or_empty(config::ComposeRequest request) {
  request.overrides = plain_overrides(request.overrides);
  for (;;) {
    try {
      return config::compose(request).config;
    } catch (const core::Error&) {
      if (request.overrides.empty()) return config::MapEntries{};
      // The line has a mistake somewhere; what remains still has keys to offer.
      request.overrides.pop_back();
    }
  }
}

bool holds(const Value& config, const std::string& selector) {
  if (selector.empty()) return true;
  const auto equals = selector.find('=');
  const Value* chosen = config.find_path(selector.substr(0, equals));
  return chosen != nullptr && chosen->is_string() && chosen->as_string() == selector.substr(equals + 1);
}

/// Whether the key's text names a file or folder, told by its last name.
bool is_path_key(const std::string& key) {
  const std::string name = key.substr(key.rfind('.') + 1);
  static const std::set<std::string> kNames{"root",           "dir",  "folder", "path", "weights",
                                            "load_detectors", "maps", "file"};
  return kNames.count(name) > 0 || name.ends_with("_dir") || name.ends_with("_path") || name.ends_with("_file");
}

/// Where the last of several values begins: after a comma, a bracket or the '='.
std::size_t last_value(const std::string& text, std::size_t equals) {
  const auto separator = text.find_last_of(",[");
  std::size_t begin = separator == std::string::npos || separator < equals ? equals + 1 : separator + 1;
  while (begin < text.size() && text[begin] == ' ') ++begin;
  return begin;
}

std::vector<std::string> values_of(const Catalog& catalog, const Value& config, const std::string& key) {
  for (const auto& entry : catalog.keys) {
    if (entry.key == key && holds(config, entry.selector)) return entry.values;
  }
  const Value* value = config.find_path(key);
  if (value != nullptr && value->is_bool()) return {"false", "true"};
  return {};
}

class Collector {
 public:
  explicit Collector(const std::string& typed) : typed_(typed) {}
  void offer(std::string word) {
    if (word.starts_with(typed_)) words_.insert(std::move(word));
  }
  std::vector<std::string> words() const { return {words_.begin(), words_.end()}; }

 private:
  const std::string& typed_;
  std::set<std::string> words_;
};

/// One level below what is typed: "fusion." for a map, "fusion.lambda=" for a value.
void offer_keys(Collector& collector, const Value& config, const std::string& sign, const std::string& typed,
                const config::ConfigFiles& files) {
  const auto dot = typed.rfind('.');
  const std::string parent = dot == std::string::npos ? "" : typed.substr(0, dot);
  const Value* node = parent.empty() ? &config : config.find_path(parent);
  if (node == nullptr || !node->is_map()) return;
  for (const auto& [name, value] : node->as_map()) {
    const std::string key = parent.empty() ? name : parent + "." + name;
    const bool has_keys = value.is_map() && !value.as_map().empty();
    if (has_keys) collector.offer(sign + key + ".");
    // A group's name with '=' chooses an option.
    if (!has_keys && !files.has_group(key)) collector.offer(sign + key + (sign == "~" ? "" : "="));
  }
}

}  // namespace

std::vector<std::string> path_candidates(const std::string& typed, bool only_folders) {
  const auto slash = typed.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : typed.substr(0, slash + 1);
  const std::string name = typed.substr(folder.size());
  std::string real = folder.empty() ? "." : folder;
  if (const char* user = std::getenv("HOME"); user != nullptr && real.starts_with("~/")) real = user + real.substr(1);
  std::set<std::string> words;
  std::error_code error;
  for (fs::directory_iterator entry(real, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    const std::string found = entry->path().filename().string();
    if (!found.starts_with(name) || (name.empty() && found.front() == '.')) continue;
    const bool is_folder = entry->is_directory(ignored);
    if (is_folder || !only_folders) words.insert(folder + found + (is_folder ? "/" : ""));
  }
  return {words.begin(), words.end()};
}

std::vector<std::string> override_candidates(const Catalog& catalog, const config::ComposeRequest& request,
                                             const std::string& current) {
  const config::ConfigFiles files(request.search_paths);
  Collector collector(current);
  const std::size_t key_begin = std::min(current.find_first_not_of("+~"), current.size());
  const std::string sign = current.substr(0, key_begin);
  const auto equals = current.find('=');
  if (equals == std::string::npos) {
    const std::string typed = current.substr(key_begin);
    for (const auto& group : files.groups()) {
      // Options of fusion/ablation are offered as fusion=ablation/...
      if (group.find('/') != std::string::npos && !typed.starts_with(group.substr(0, group.find('/') + 1))) continue;
      collector.offer(sign + group + (sign == "~" ? "" : "="));
    }
    offer_keys(collector, composed_or_empty(request), sign, typed, files);
    return collector.words();
  }
  std::string key = current.substr(key_begin, equals - key_begin);
  const auto begin = last_value(current, equals);
  const std::string before = current.substr(0, begin);
  const std::string group = key.substr(0, key.find('@'));
  if (files.has_group(group)) {
    const std::string given = "," + before.substr(equals + 1);
    for (const auto& option : files.options(group)) {
      if (given.find("," + option + ",") == std::string::npos) collector.offer(before + option);
    }
    return collector.words();
  }
  if (key.ends_with('+')) key.pop_back();
  const Value config = composed_or_empty(request);
  for (const auto& value : values_of(catalog, config, key)) collector.offer(before + value);
  if (collector.words().empty() && (is_path_key(key) || current.find('/', equals) != std::string::npos)) {
    for (const auto& path : path_candidates(current.substr(begin), false)) collector.offer(before + path);
  }
  return collector.words();
}

}  // namespace normadd::completion
