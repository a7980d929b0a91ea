// SPDX-License-Identifier: Apache-2.0
#include "config/apply_override.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/merge.h"
#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::config {
namespace {

[[noreturn]] void fail(const Override& override, const std::string& what, const std::string& hint) {
  throw core::ConfigError(fmt::format("{} ('{}')", what, override.text), "command line", hint);
}

std::vector<std::string> key_names(const Value& node, const std::string& prefix) {
  std::vector<std::string> names;
  if (node.is_map()) {
    for (const auto& [key, value] : node.as_map()) names.push_back(prefix + key);
  }
  return names;
}

void collect_paths(const Value& node, const std::string& prefix, std::vector<std::string>& paths) {
  if (!node.is_map()) return;
  for (const auto& [key, value] : node.as_map()) {
    paths.push_back(prefix + key);
    collect_paths(value, prefix + key + ".", paths);
  }
}

class OverrideApplication {
 public:
  OverrideApplication(Value& config, const Override& override, const ConfigFiles& files)
      : config_(config), override_(override), files_(files), parts_(split_path(override.key)) {}

  void run() {
    if (parts_.empty()) check_whole();
    switch (override_.kind) {
      case OverrideKind::kDelete:
        return remove();
      case OverrideKind::kAppend:
        return append();
      case OverrideKind::kChange:
        return change();
      case OverrideKind::kAdd:
        return add(false);
      case OverrideKind::kAddOrChange:
        return add(true);
    }
  }

 private:
  /// Without a key the override is about the whole configuration, which can only get further keys.
  void check_whole() const {
    const bool changes = override_.kind != OverrideKind::kDelete && override_.kind != OverrideKind::kAppend;
    if (changes && override_.elements.size() == 1 && override_.elements[0].is_value() && override_.value().is_map())
      return;
    fail(override_, "an override without a key must set keys of the whole configuration",
         "Write KEY=VALUE, or ={KEY: VALUE}.");
  }

  /// The node of the first num_parts parts of the key, or nullptr.
  Value* node(std::size_t num_parts) {
    Value* current = &config_;
    for (std::size_t i = 0; i < num_parts && current != nullptr; ++i) current = current->find(parts_[i]);
    return current;
  }

  Value* target() { return node(parts_.size()); }

  std::string group_hint() const {
    std::string group = override_.key;
    std::replace(group.begin(), group.end(), '.', '/');
    if (!files_.has_group(group) || override_.elements.empty() || !override_.elements[0].is_value()) return "";
    const Value& value = override_.value();
    const auto options = files_.options(group);
    const bool is_option =
        value.is_string() && std::find(options.begin(), options.end(), value.as_string()) != options.end();
    return is_option ? fmt::format("Did you mean {}={}?", group, value.as_string())
                     : fmt::format("Did you mean {}=OPTION?", group);
  }

  [[noreturn]] void fail_unknown() {
    std::size_t depth = 0;
    while (depth + 1 < parts_.size() && node(depth + 1) != nullptr) ++depth;
    const Value& deepest = *node(depth);
    std::string prefix;
    for (std::size_t i = 0; i < depth; ++i) prefix += parts_[i] + ".";
    if (const std::string hint = group_hint(); !hint.empty())
      fail(override_, fmt::format("there is no key '{}'", override_.key), hint);
    if (deepest.is_list()) {
      fail(override_,
           fmt::format("the list '{}' has {} elements and no '{}'", prefix.substr(0, prefix.size() - 1),
                       deepest.as_list().size(), parts_[depth]),
           fmt::format("Elements count from 0; {}+=VALUE appends one.", prefix.substr(0, prefix.size() - 1)));
    }
    std::vector<std::string> names = key_names(deepest, prefix);
    if (!core::nearest_name(prefix + parts_[depth], names)) {
      std::vector<std::string> all;
      collect_paths(config_, "", all);
      if (core::nearest_name(override_.key, all)) names = all;
    }
    std::string hint = core::did_you_mean(prefix + parts_[depth], names);
    if (override_.kind == OverrideKind::kChange) {
      hint += fmt::format("{}To add a new key write +{}", hint.empty() ? "" : " ", override_.text);
    }
    fail(override_, fmt::format("there is no key '{}'", override_.key), hint);
  }

  void remove() {
    Value* existing = target();
    if (existing == nullptr || parts_.empty()) fail_unknown();
    if (!override_.elements.empty() && !(*existing == override_.value())) {
      fail(override_,
           fmt::format("'{}' is {}, not {}, and stays", override_.key, short_text(*existing),
                       short_text(override_.value())),
           fmt::format("To delete it whatever it is write ~{}", override_.key));
    }
    node(parts_.size() - 1)->erase(parts_.back());
  }

  void append() {
    Value* existing = target();
    if (existing == nullptr) fail_unknown();
    if (!existing->is_list()) {
      fail(override_, fmt::format("'{}' is {}, and += appends to lists only", override_.key, kind_text(*existing)), "");
    }
    const Value& value = override_.value();
    List& list = existing->as_list();
    if (value.is_list()) {
      list.insert(list.end(), value.as_list().begin(), value.as_list().end());
    } else {
      list.push_back(value);
    }
  }

  void change() {
    Value* existing = target();
    if (existing == nullptr) fail_unknown();
    const Value& value = override_.value();
    check_kind(*existing, value);
    if (existing->is_map() && value.is_map()) check_keys_exist(*existing, value, override_.key);
    merge_into(*existing, value, override_.key);
  }

  void add(bool may_exist) {
    const Value& value = override_.value();
    Value* existing = target();
    const bool is_set = existing != nullptr && !existing->is_null() && !existing->is_missing();
    if (is_set && !may_exist && !value.is_map() && !value.is_list()) {
      fail(override_, fmt::format("there is a key '{}' already", override_.key),
           fmt::format("To change it leave the '+' away: {}", override_.text.substr(1)));
    }
    if (existing != nullptr) {
      check_kind(*existing, value);
      merge_into(*existing, value, override_.key);
      return;
    }
    Value* parent = &config_;
    for (std::size_t i = 0; i + 1 < parts_.size(); ++i) {
      if (parent->find(parts_[i]) == nullptr) set_child(*parent, i, MapEntries{});
      parent = parent->find(parts_[i]);
    }
    set_child(*parent, parts_.size() - 1, value);
  }

  void set_child(Value& parent, std::size_t depth, Value child) {
    if (parent.is_map() || parent.is_null()) {
      parent.set(parts_[depth], std::move(child));
      return;
    }
    const std::string path = join_path({parts_.begin(), parts_.begin() + static_cast<std::ptrdiff_t>(depth)});
    fail(override_, fmt::format("'{}' is {} and cannot have a key '{}'", path, kind_text(parent), parts_[depth]),
         parent.is_list() ? fmt::format("To append to the list write {}+=VALUE", path) : "");
  }

  void check_kind(const Value& existing, const Value& value) const {
    check_same_kind(existing, value, override_.key.empty() ? "the configuration" : override_.key,
                    existing.is_map() && !value.is_map() ? kind_hint(existing) : "");
  }

  std::string kind_hint(const Value& existing) const {
    std::string hint = group_hint();
    if (!hint.empty()) return hint;
    const auto names = key_names(existing, override_.key + ".");
    return names.empty()
               ? ""
               : fmt::format("Set one of its keys, such as {}={}", names.front(), short_text(override_.value()));
  }

  void check_keys_exist(const Value& existing, const Value& changes, const std::string& path) const {
    for (const auto& [key, value] : changes.as_map()) {
      const Value* child = existing.find(key);
      const std::string child_path = path.empty() ? key : path + "." + key;
      if (child == nullptr) {
        fail(override_, fmt::format("there is no key '{}'", child_path),
             core::did_you_mean(child_path, key_names(existing, path.empty() ? "" : path + ".")) +
                 " To add new keys put '+' in front.");
      }
      if (child->is_map() && value.is_map()) check_keys_exist(*child, value, child_path);
    }
  }

  Value& config_;
  const Override& override_;
  const ConfigFiles& files_;
  std::vector<std::string> parts_;
};

}  // namespace

void apply_override(Value& config, const Override& override, const ConfigFiles& files) {
  OverrideApplication(config, override, files).run();
}

}  // namespace normadd::config
