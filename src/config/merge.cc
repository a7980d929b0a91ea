// SPDX-License-Identifier: Apache-2.0
#include "config/merge.h"

#include <fmt/format.h>

#include "core/error.h"

namespace normadd::config {

bool has_interpolation(const Value& value) {
  return value.is_string() && value.as_string().find("${") != std::string::npos;
}

void check_same_kind(const Value& base, const Value& changes, const std::string& path, const std::string& hint) {
  const auto fits_everything = [](const Value& value) {
    return value.is_null() || value.is_missing() || has_interpolation(value);
  };
  if (base.is_map() == changes.is_map() || fits_everything(base) || fits_everything(changes)) return;
  const std::string old_place = base.source.file.empty() ? "" : fmt::format(" (given in {})", source_text(base.source));
  throw core::ConfigError(
      fmt::format("{} is {}{} and cannot be replaced by {}", path, kind_text(base), old_place, short_text(changes)),
      source_text(changes.source), hint);
}

void merge_into(Value& base, const Value& changes, const std::string& path) {
  check_same_kind(base, changes, path, base.is_map() ? "Set some of its keys instead." : "");
  if (!base.is_map() || !changes.is_map()) {
    base = changes;
    return;
  }
  for (const auto& [key, value] : changes.as_map()) {
    if (Value* existing = base.find(key)) {
      merge_into(*existing, value, path.empty() ? key : path + "." + key);
    } else {
      base.set(key, value);
    }
  }
}

}  // namespace normadd::config
