// SPDX-License-Identifier: Apache-2.0
#include "config/value_json.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/number_text.h"
#include "core/utf8.h"

namespace normadd::config {
namespace {

using Json = nlohmann::ordered_json;

bool is_utf8(const std::string& text) { return core::valid_utf8(text) == text; }

std::string hex_of(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

void append_string(std::string& out, const std::string& text) { out += Json(text).dump(); }

void append(std::string& out, const Value& value);

void append_map(std::string& out, const MapEntries& entries) {
  out += '{';
  for (const auto& [key, entry] : entries) {
    if (out.back() != '{') out += ',';
    if (!is_utf8(key)) throw core::ConfigError("a key is not UTF-8 text", hex_of(key), "Save the file as UTF-8.");
    append_string(out, key.starts_with('$') ? "$" + key : key);
    out += ':';
    append(out, entry);
  }
  out += '}';
}

void append(std::string& out, const Value& value) {
  if (value.is_null()) {
    out += "null";
  } else if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_integer()) {
    out += std::to_string(value.as_integer());
  } else if (value.is_float()) {
    const double number = value.as_float();
    out += std::isfinite(number) ? core::yaml_float_text(number)
                                 : fmt::format(R"({{"$float":"{}"}})", core::shortest_text(number));
  } else if (value.is_string()) {
    if (is_utf8(value.as_string())) {
      append_string(out, value.as_string());
    } else {
      out += fmt::format(R"({{"$bytes":"{}"}})", hex_of(value.as_string()));
    }
  } else if (value.is_list()) {
    out += '[';
    for (const auto& element : value.as_list()) {
      if (out.back() != '[') out += ',';
      append(out, element);
    }
    out += ']';
  } else {
    append_map(out, value.as_map());
  }
}

/// Thrown inside, named by from_json_line.
struct Malformed {};

Value bytes_of(const std::string& hex) {
  if (hex.size() % 2 != 0) throw Malformed();
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned byte = 0;
    const auto [end, error] = std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    if (error != std::errc() || end != hex.data() + i + 2) throw Malformed();
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

Value special_value(const std::string& key, const Json& content) {
  if (!content.is_string()) throw Malformed();
  const auto& text = content.get_ref<const std::string&>();
  if (key == "$bytes") return bytes_of(text);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (key != "$float") throw Malformed();
  if (text == "inf") return kInfinity;
  if (text == "-inf") return -kInfinity;
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  throw Malformed();
}

Value value_of(const Json& json) {
  switch (json.type()) {
    case Json::value_t::null:
      return {};
    case Json::value_t::boolean:
      return json.get<bool>();
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      if (json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t{INT64_MAX}) throw Malformed();
      return json.get<std::int64_t>();
    case Json::value_t::number_float:
      return json.get<double>();
    case Json::value_t::string:
      return json.get<std::string>();
    case Json::value_t::array: {
      List list;
      for (const auto& element : json) list.push_back(value_of(element));
      return list;
    }
    case Json::value_t::object:
      break;
    default:
      throw Malformed();
  }
  MapEntries entries;
  for (const auto& [key, entry] : json.items()) {
    if (key.starts_with('$') && !key.starts_with("$$")) {
      if (json.size() != 1) throw Malformed();
      return special_value(key, entry);
    }
    entries.emplace_back(key.starts_with('$') ? key.substr(1) : key, value_of(entry));
  }
  return entries;
}

}  // namespace

std::string to_json_line(const Value& value) {
  std::string line;
  append(line, value);
  return line;
}

Value from_json_line(const std::string& text, const std::string& where) {
  const Json json = Json::parse(text, nullptr, false);
  try {
    if (!json.is_discarded()) return value_of(json);
  } catch (const Malformed&) {
    // Said below.
  }
  throw core::ConfigError("the file is damaged: this is not a value as the program writes it", where,
                          "Restore the file.");
}

}  // namespace normadd::config
