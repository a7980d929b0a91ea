// SPDX-License-Identifier: Apache-2.0
// The config tree as JSON, in the form of the golden files (inf and nan as {"float": "inf"}).
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>

#include "config/value.h"

namespace normadd::test {

inline nlohmann::json json_of(const config::Value& value) {
  if (value.is_null()) return nullptr;
  if (value.is_bool()) return value.as_bool();
  if (value.is_integer()) return value.as_integer();
  if (value.is_string()) return value.as_string();
  if (value.is_float()) {
    if (std::isfinite(value.as_float())) return value.as_float();
    const char* text = std::isnan(value.as_float()) ? "nan" : value.as_float() > 0 ? "inf" : "-inf";
    return {{"float", text}};
  }
  if (value.is_list()) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& item : value.as_list()) list.push_back(json_of(item));
    return list;
  }
  nlohmann::json map = nlohmann::json::object();
  for (const auto& [key, item] : value.as_map()) map[key] = json_of(item);
  return map;
}

/// Equal in kind too: JSON libraries hold 1 and 1.0 for the same.
inline bool same_json(const nlohmann::json& a, const nlohmann::json& b) { return a.dump() == b.dump(); }

}  // namespace normadd::test
