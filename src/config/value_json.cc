// SPDX-License-Identifier: Apache-2.0
#include "config/value_json.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"

namespace normadd::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFloat = "$float";

Json json_of(const Value& value) {
  if (value.is_null()) return nullptr;
  if (value.is_bool()) return value.as_bool();
  if (value.is_integer()) return value.as_integer();
  if (value.is_float()) {
    const double number = value.as_float();
    if (std::isfinite(number)) return number;
    return Json{{kFloat, std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf"}};
  }
  if (value.is_string()) return value.as_string();
  if (value.is_list()) {
    Json list = Json::array();
    for (const auto& item : value.as_list()) list.push_back(json_of(item));
    return list;
  }
  Json map = Json::object();
  for (const auto& [key, item] : value.as_map()) map[key] = json_of(item);
  return map;
}

double special_float(const std::string& text) {
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  return text == "inf" ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
}

Value value_of(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_boolean()) return Value(json.get<bool>());
  if (json.is_number_unsigned() &&
      json.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    throw core::ConfigError("the integer has more than 64 bits", json.dump(), "Write it as a float or a string.");
  }
  if (json.is_number_integer()) return Value(json.get<std::int64_t>());
  if (json.is_number()) return Value(json.get<double>());
  if (json.is_string()) return Value(json.get<std::string>());
  if (json.is_array()) {
    List list;
    for (const auto& item : json) list.push_back(value_of(item));
    return Value(std::move(list));
  }
  if (json.size() == 1 && json.begin().key() == kFloat && json.begin().value().is_string()) {
    return Value(special_float(json.begin().value().get<std::string>()));
  }
  MapEntries entries;
  for (const auto& [key, item] : json.items()) entries.emplace_back(key, value_of(item));
  return Value(std::move(entries));
}

}  // namespace

std::string json_text(const Value& value) {
  // Paths may hold any bytes; replaced ones would name another file, so that they are an error.
  try {
    return json_of(value).dump();
  } catch (const nlohmann::json::type_error&) {
    throw core::ConfigError("a text is not UTF-8", short_text(value).substr(0, 60), "Rename the file or folder.");
  }
}

Value value_of_json(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) throw core::ConfigError("this is not JSON", text.substr(0, 60), "");
  return value_of(json);
}

}  // namespace normadd::config
