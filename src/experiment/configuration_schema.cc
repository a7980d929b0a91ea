// SPDX-License-Identifier: Apache-2.0
#include "experiment/configuration_schema.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace normadd::experiment {
namespace {

using Json = nlohmann::ordered_json;
using config::Kind;

// What a value may be before interpolations are resolved.
const Json kUnresolved{{"type", "string"}, {"pattern", R"(\$\{.*\}|^\?\?\?$)"}};

Json json_of(const config::Value& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_integer()) return value.as_integer();
  if (value.is_float()) return value.as_float();
  if (value.is_string()) return value.as_string();
  if (value.is_list()) {
    Json list = Json::array();
    for (const auto& item : value.as_list()) list.push_back(json_of(item));
    return list;
  }
  if (value.is_map()) {
    Json map = Json::object();
    for (const auto& [key, item] : value.as_map()) map[key] = json_of(item);
    return map;
  }
  return nullptr;
}

/// One value of a kind, with the field's bounds and choices.
Json scalar_schema(Kind kind, const config::Field& field) {
  Json schema;
  switch (kind) {
    case Kind::kBool:
      schema["type"] = "boolean";
      break;
    case Kind::kInteger:
      schema["type"] = "integer";
      break;
    case Kind::kFloat:
      schema["type"] = "number";
      break;
    case Kind::kString:
      // A number is taken for its text.
      schema["type"] = {"string", "integer"};
      break;
    case Kind::kList:
      schema["type"] = "array";
      break;
    case Kind::kMap:
      schema["type"] = "object";
      break;
  }
  if (field.low) schema[field.open_low ? "exclusiveMinimum" : "minimum"] = *field.low;
  if (field.high) schema[field.open_high ? "exclusiveMaximum" : "maximum"] = *field.high;
  if (!field.choices.empty()) schema = Json{{"enum", field.choices}};
  return schema;
}

Json field_schema(const config::Field& field) {
  Json value = scalar_schema(field.kind, field);
  if (field.kind == Kind::kList) {
    value = {{"type", "array"}, {"items", {{"anyOf", {scalar_schema(field.element, field), kUnresolved}}}}};
  }
  Json schema;
  schema["description"] = field.unit.empty() ? field.help : field.help + ", " + field.unit;
  schema["anyOf"] = Json::array({value});
  if (field.nullable) schema["anyOf"].push_back({{"type", "null"}});
  schema["anyOf"].push_back(kUnresolved);
  if (!field.required) schema["default"] = json_of(field.default_value);
  return schema;
}

Json map_schema(const std::vector<config::Field>& fields) {
  Json schema{{"type", "object"}, {"properties", Json::object()}, {"additionalProperties", false}};
  for (const auto& field : fields) {
    schema["properties"][field.name] = field_schema(field);
    if (field.required) schema["required"].push_back(field.name);
  }
  return schema;
}

}  // namespace

std::string configuration_schema(const std::vector<ConfigurationSection>& sections) {
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", "normadd run"},
              {"type", "object"},
              {"properties", Json::object()},
              {"additionalProperties", false}};
  for (const auto& section : sections) {
    Json node = map_schema(section.fields);
    if (section.node.empty()) {
      schema["properties"].update(node["properties"]);
      continue;
    }
    if (!section.may_be_absent) schema["required"].push_back(section.node);
    if (section.selector_key.empty()) {
      node["description"] = section.title;
      schema["properties"][section.node] = std::move(node);
      continue;
    }
    // The selecting key need not be among the options that the component itself declares.
    node["title"] = section.title;
    node["properties"][section.selector_key] = {{"const", section.selector}};
    auto& names = node["required"];
    if (std::find(names.begin(), names.end(), section.selector_key) == names.end())
      names.push_back(section.selector_key);
    schema["properties"][section.node]["oneOf"].push_back(std::move(node));
  }
  auto& required = schema["required"];
  required.erase(std::unique(required.begin(), required.end()), required.end());
  schema["properties"]["detectors"] = {{"description", "further detectors, by the label that tables give them"},
                                       {"type", {"object", "null"}},
                                       {"additionalProperties", schema["properties"]["detector"]}};
  // An experiment's file may hold the sweep that it is meant for; whoever makes sweeps checks what stands there.
  schema["properties"]["sweeper"] = {{"description", "params: KEY: VALUES, what normadd run -m sweeps over"},
                                     {"type", "object"}};
  schema["properties"]["experiment"] = {{"description", "left behind by the group of that name"}};
  return schema.dump(2) + "\n";
}

}  // namespace normadd::experiment
