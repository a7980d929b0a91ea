// SPDX-License-Identifier: Apache-2.0
#include "config/override_text.h"

#include <fmt/format.h>

#include <cmath>

#include "config/override_grammar.h"
#include "core/error.h"
#include "core/number_text.h"

namespace normadd::config {
namespace {

std::string float_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::string text = core::shortest_text(value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (std::size_t i = 0; i < text.size(); ++i) {
    // Backslashes mean themselves unless a quote follows the last of them.
    if (text[i] == '\'') {
      for (std::size_t before = i; before > 0 && text[before - 1] == '\\'; --before) result += '\\';
      result += '\\';
    }
    result += text[i];
  }
  for (std::size_t before = text.size(); before > 0 && text[before - 1] == '\\'; --before) result += '\\';
  return result + "'";
}

std::string string_text(const std::string& text) {
  try {
    if (parse_value_text(text) == Value(text)) return text;
  } catch (const core::ConfigError&) {
  }
  return quoted(text);
}

}  // namespace

std::string override_text(const Value& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_integer()) return std::to_string(value.as_integer());
  if (value.is_float()) return float_text(value.as_float());
  if (value.is_string()) return string_text(value.as_string());
  std::string text;
  if (value.is_list()) {
    for (const auto& item : value.as_list()) text += (text.empty() ? "" : ",") + override_text(item);
    return fmt::format("[{}]", text);
  }
  for (const auto& [key, item] : value.as_map()) {
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", string_text(key), override_text(item));
  }
  return fmt::format("{{{}}}", text);
}

}  // namespace normadd::config
