// SPDX-License-Identifier: Apache-2.0
#include "config/option_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.h"
#include "core/nearest_name.h"
#include "core/number_text.h"

namespace normadd::config {
namespace {

std::string dotted(const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; }

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return "true or false";
    case Kind::kInteger:
      return "an integer";
    case Kind::kFloat:
      return "a number";
    case Kind::kString:
      return "a string";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a map";
  }
  return "";
}

const char* plural_name(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return "booleans";
    case Kind::kInteger:
      return "integers";
    case Kind::kFloat:
      return "numbers";
    default:
      return "strings";
  }
}

/// The text a user types for an example of this kind.
const char* example_text(const Field& field) {
  switch (field.kind) {
    case Kind::kBool:
      return "true";
    case Kind::kInteger:
      return "1";
    case Kind::kFloat:
      return "0.5";
    case Kind::kList:
      return "[...]";
    case Kind::kMap:
      return "{...}";
    case Kind::kString:
      return "VALUE";
  }
  return "VALUE";
}

std::string range_text(const Field& field) {
  std::string text;
  if (field.low) text = fmt::format("{} {}", field.open_low ? "above" : "at least", core::shortest_text(*field.low));
  if (field.high) {
    if (!text.empty()) text += " and ";
    text += fmt::format("{} {}", field.open_high ? "below" : "at most", core::shortest_text(*field.high));
  }
  if (!field.unit.empty()) text += " " + field.unit;
  return text;
}

std::string help_text(const Field& field) { return field.help.empty() ? "" : fmt::format("It means: {}.", field.help); }

bool is_of_kind(const Value& value, Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return value.is_bool();
    case Kind::kInteger:
      return value.is_integer();
    case Kind::kFloat:
      return value.is_float() || value.is_integer();
    case Kind::kString:
      return value.is_string() || value.is_integer();
    case Kind::kList:
      return value.is_list();
    case Kind::kMap:
      return value.is_map();
  }
  return false;
}

bool is_of_kind(const Value& value, const Field& field) {
  if (value.is_null()) return field.nullable;
  if (!value.is_list() || field.kind != Kind::kList) return is_of_kind(value, field.kind);
  return std::all_of(value.as_list().begin(), value.as_list().end(),
                     [&](const Value& item) { return is_of_kind(item, field.element); });
}

void check_element(const Field& field, const Value& value, const std::string& key) {
  const Kind kind = field.kind == Kind::kList ? field.element : field.kind;
  if (kind == Kind::kInteger || kind == Kind::kFloat) {
    if (value.is_null()) return;
    const double number = value.as_float();
    const bool above = !field.low || (field.open_low ? number > *field.low : number >= *field.low);
    const bool below = !field.high || (field.open_high ? number < *field.high : number <= *field.high);
    if (!(above && below)) {
      throw core::ConfigError(fmt::format("{} must be {}, but is {}", key, range_text(field), short_text(value)),
                              source_text(value.source), help_text(field));
    }
  }
  if (value.is_string() && !field.choices.empty() &&
      std::find(field.choices.begin(), field.choices.end(), value.as_string()) == field.choices.end()) {
    throw core::ConfigError(fmt::format("{} cannot be {}", key, short_text(value)), source_text(value.source),
                            core::did_you_mean(value.as_string(), field.choices));
  }
}

}  // namespace

std::string allowed_text(const Field& field) {
  if (!field.choices.empty()) return fmt::format("{}", fmt::join(field.choices, " | "));
  std::string text = field.low || field.high ? range_text(field) : field.unit;
  if (field.nullable) text += text.empty() ? "may be null" : ", or null";
  return text;
}

void check_keys(const Value& node, const std::vector<Field>& fields, const std::string& path) {
  if (node.is_null()) return;
  if (!node.is_map()) {
    throw core::ConfigError(fmt::format("{} must be a map of options, but is {}",
                                        path.empty() ? "the configuration" : path, short_text(node)),
                            source_text(node.source), "");
  }
  std::vector<std::string> names;
  names.reserve(fields.size());
  for (const Field& field : fields) names.push_back(field.name);
  for (const auto& [key, value] : node.as_map()) {
    if (std::find(names.begin(), names.end(), key) != names.end()) continue;
    throw core::ConfigError(fmt::format("there is no option '{}'", dotted(path, key)), source_text(value.source),
                            core::did_you_mean(key, names));
  }
}

void check_given(const Field& field, const Value* value, const Value& node, const std::string& path) {
  const bool is_absent = value == nullptr && field.required;
  if (!is_absent && !(value != nullptr && value->is_missing())) return;
  const std::string key = dotted(path, field.name);
  const std::string help = field.help.empty() ? "" : fmt::format(" ({})", field.help);
  throw core::ConfigError(fmt::format("{} is required{} and has no value", key, help),
                          source_text(value != nullptr ? value->source : node.source),
                          fmt::format("Give it on the command line: {}={}", key, example_text(field)));
}

void fail_wrong_kind(const Field& field, const Value& value, const std::string& path) {
  const std::string key = dotted(path, field.name);
  std::string wanted = kind_name(field.kind);
  if (field.kind == Kind::kList) wanted += fmt::format(" of {}", plural_name(field.element));
  std::string hint;
  if (field.kind == Kind::kList && !value.is_list() && !value.is_map() && !value.is_null()) {
    hint = fmt::format("A list of one is written in brackets: {}=[{}]", key,
                       value.is_string() ? value.as_string() : short_text(value));
  } else if (field.kind == Kind::kString && !value.is_list() && !value.is_map() && !value.is_null()) {
    hint = "Put it in quotes if it is meant as text.";
  } else if (value.is_string() && (field.kind == Kind::kInteger || field.kind == Kind::kFloat)) {
    hint = "A number is written without quotes; ${oc.decode:...} turns text, as of an environment variable, into one.";
  } else if (field.kind == Kind::kInteger && value.is_integer()) {
    wanted = "an integer of at most 32 bits";
  } else {
    hint = help_text(field);
  }
  throw core::ConfigError(fmt::format("{} must be {}{}, but is {} ({})", key, wanted, field.nullable ? " or null" : "",
                                      short_text(value), kind_text(value)),
                          source_text(value.source), hint);
}

void check_value(const Field& field, const Value& value, const std::string& path) {
  const std::string key = dotted(path, field.name);
  if (!value.is_list()) return check_element(field, value, key);
  for (std::size_t i = 0; i < value.as_list().size(); ++i) {
    check_element(field, value.as_list()[i], fmt::format("{}.{}", key, i));
  }
}

void check_node(const Value& node, const std::vector<Field>& fields, const std::string& path) {
  check_keys(node, fields, path);
  for (const Field& field : fields) {
    const Value* value = node.is_map() ? node.find(field.name) : nullptr;
    check_given(field, value, node, path);
    if (value == nullptr) continue;
    if (!is_of_kind(*value, field)) fail_wrong_kind(field, *value, path);
    check_value(field, *value, path);
  }
}

}  // namespace normadd::config
