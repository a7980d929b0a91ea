// SPDX-License-Identifier: Apache-2.0
#include "reporting/changed_keys.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

namespace normadd::reporting {
namespace {

constexpr std::string_view kWithoutInfluence[] = {"run",     "cache",   "launcher", "threads", "sweep",
                                                  "sweeper", "aliases", "hydra",    "seed"};
/// An experiment file sets keys, which show themselves.
constexpr std::string_view kGroupsWithoutInfluence[] = {"launcher", "sweeper", "experiment"};

template <typename Names>
bool is_among(std::string_view name, const Names& names) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// The leaves of a configuration by dotted key; a list is one leaf.
class Leaves {
 public:
  explicit Leaves(const config::Value& root) {
    for (const auto& [name, value] : root.as_map()) {
      if (!is_among(name, kWithoutInfluence)) add(name, value);
    }
  }
  const std::vector<std::string>& keys() const { return keys_; }
  const config::Value* find(const std::string& key) const {
    const auto found = values_.find(key);
    return found != values_.end() ? found->second : nullptr;
  }

 private:
  void add(const std::string& key, const config::Value& value) {
    if (value.is_map() && !value.as_map().empty()) {
      for (const auto& [name, child] : value.as_map()) add(key + "." + name, child);
      return;
    }
    keys_.push_back(key);
    values_[key] = &value;
  }

  std::vector<std::string> keys_;
  std::map<std::string, const config::Value*> values_;
};

/// As short_text, but without the quotes that error messages put around strings.
std::string text_of(const config::Value& value) {
  if (value.is_string()) return value.as_string();
  if (!value.is_list()) return config::short_text(value);
  std::string text = "[";
  for (const auto& element : value.as_list()) {
    if (text.size() > 1) text += ", ";
    text += text_of(element);
  }
  return text + "]";
}

bool differ(const std::vector<std::string>& values) {
  return std::any_of(values.begin(), values.end(), [&](const auto& value) { return value != values.front(); });
}

/// "a", "group@package" -> the dotted key of the section that the option fills.
std::string section_of(const std::string& group) {
  const auto at = group.find('@');
  std::string section = at == std::string::npos ? group : group.substr(at + 1);
  std::replace(section.begin(), section.end(), '/', '.');
  return section;
}

std::vector<ChangedKey> changed_groups(const std::vector<ListedRun>& runs) {
  std::vector<std::string> groups;
  for (const auto& run : runs) {
    for (const auto& [group, option] : run.choices) {
      const bool known = std::find(groups.begin(), groups.end(), group) != groups.end();
      if (!known && !is_among(group, kGroupsWithoutInfluence)) groups.push_back(group);
    }
  }
  std::vector<ChangedKey> changed;
  for (const auto& group : groups) {
    ChangedKey key{group, {}, ""};
    for (const auto& run : runs) {
      const auto found = std::find_if(run.choices.begin(), run.choices.end(),
                                      [&](const auto& choice) { return choice.first == group; });
      key.values.push_back(found != run.choices.end() ? found->second : "");
    }
    if (differ(key.values)) changed.push_back(std::move(key));
  }
  return changed;
}

/// Whether equal choices always come with equal values.
bool decides(const ChangedKey& choice, const std::vector<std::string>& values) {
  std::map<std::string, std::string> value_of;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (value_of.emplace(choice.values[i], values[i]).first->second != values[i]) return false;
  }
  return true;
}

bool is_below(const std::string& key, const std::string& section) {
  return key == section || (key.starts_with(section) && key[section.size()] == '.');
}

/// Whether every run that has the key takes its value from elsewhere.
bool is_interpolation(const std::vector<ListedRun>& runs, const std::string& key) {
  bool is_known = false;
  for (const auto& run : runs) {
    const config::Value* value = run.composed.find_path(key);
    if (value == nullptr) continue;
    is_known = true;
    if (!value->is_string() || value->as_string().find("${") == std::string::npos) return false;
  }
  return is_known;
}

}  // namespace

std::vector<ChangedKey> changed_keys(const std::vector<ListedRun>& runs) {
  if (runs.empty()) return {};
  std::vector<ChangedKey> changed = changed_groups(runs);
  const std::size_t num_groups = changed.size();
  std::vector<Leaves> leaves;
  leaves.reserve(runs.size());
  for (const auto& run : runs) leaves.emplace_back(run.resolved);
  std::vector<std::string> keys;
  std::set<std::string> known;
  for (const auto& one : leaves) {
    for (const auto& key : one.keys()) {
      if (known.insert(key).second) keys.push_back(key);
    }
  }
  for (const auto& name : keys) {
    ChangedKey key{name, {}, ""};
    for (const auto& one : leaves) {
      const config::Value* value = one.find(name);
      key.values.push_back(value != nullptr ? text_of(*value) : "");
    }
    if (!differ(key.values) || is_interpolation(runs, name)) continue;
    const bool is_decided = std::any_of(
        changed.begin(), changed.begin() + static_cast<std::ptrdiff_t>(num_groups),
        [&](const auto& group) { return is_below(name, section_of(group.key)) && decides(group, key.values); });
    if (is_decided) continue;
    for (std::size_t i = num_groups; i < changed.size() && key.follows.empty(); ++i) {
      if (changed[i].follows.empty() && decides(changed[i], key.values) && decides(key, changed[i].values)) {
        key.follows = changed[i].key;
      }
    }
    changed.push_back(std::move(key));
  }
  return changed;
}

std::string seed_of(const ListedRun& run) {
  const config::Value* seed = run.resolved.find("seed");
  return seed != nullptr ? text_of(*seed) : "";
}

}  // namespace normadd::reporting
