// SPDX-License-Identifier: Apache-2.0
#include "config/aliases.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace normadd::config {
namespace {

auto find_alias(const Aliases& aliases, const std::string& name) {
  return std::find_if(aliases.begin(), aliases.end(), [&](const auto& alias) { return alias.first == name; });
}

}  // namespace

Aliases take_aliases(Value& config) {
  const Value* found = config.find("aliases");
  if (found == nullptr) return {};
  const Value section = *found;
  config.erase("aliases");
  if (section.is_null()) return {};
  const auto fail = [](const Value& value, const std::string& what, const std::string& hint) {
    throw core::ConfigError(what, source_text(value.source), hint);
  };
  constexpr const char* kHint = "Write names and the keys that they stand for: bs: run.batch_size.";
  if (!section.is_map()) fail(section, "'aliases' is not a map", kHint);
  Aliases aliases;
  for (const auto& [name, target] : section.as_map()) {
    if (!target.is_string() || target.as_string().empty())
      fail(target, fmt::format("the alias '{}' names no key", name), kHint);
    if (config.find_path(name) != nullptr) {
      fail(target, fmt::format("'{}' is a key and cannot be an alias", name), "Take another name.");
    }
    aliases.emplace_back(name, target.as_string());
  }
  for (const auto& [name, target] : section.as_map()) {
    if (find_alias(aliases, target.as_string()) != aliases.end()) {
      fail(target, fmt::format("the alias '{}' stands for another alias", name), "Name the key itself.");
    }
  }
  return aliases;
}

std::string meant_key(const std::string& key, const Aliases& aliases) {
  const auto found = find_alias(aliases, key);
  return found != aliases.end() ? found->second : key;
}

}  // namespace normadd::config
