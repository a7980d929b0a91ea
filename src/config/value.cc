// SPDX-License-Identifier: Apache-2.0
#include "config/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/number_text.h"

namespace normadd::config {
namespace {

/// Position named by an index text such as "0" or "12"; npos when it is none or lies beyond the list.
std::size_t list_index(const std::string& text, std::size_t size) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  const bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
  return whole && index < size ? index : std::string::npos;
}

}  // namespace

const Value* Value::find(const std::string& key) const {
  if (is_map()) {
    for (const auto& [name, value] : as_map()) {
      if (name == key) return &value;
    }
  } else if (is_list()) {
    const std::size_t index = list_index(key, as_list().size());
    if (index != std::string::npos) return &as_list()[index];
  }
  return nullptr;
}

Value* Value::find(const std::string& key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

const Value* Value::find_path(const std::string& path) const {
  const Value* node = this;
  for (const auto& part : split_path(path)) {
    node = node->find(part);
    if (node == nullptr) return nullptr;
  }
  return node;
}

Value* Value::find_path(const std::string& path) { return const_cast<Value*>(std::as_const(*this).find_path(path)); }

void Value::set(const std::string& key, Value value) {
  if (is_null()) data_ = MapEntries{};
  if (Value* existing = find(key)) {
    *existing = std::move(value);
  } else {
    as_map().emplace_back(key, std::move(value));
  }
}

bool Value::erase(const std::string& key) {
  if (is_list()) {
    const std::size_t index = list_index(key, as_list().size());
    if (index == std::string::npos) return false;
    as_list().erase(as_list().begin() + static_cast<std::ptrdiff_t>(index));
    return true;
  }
  if (!is_map()) return false;
  return std::erase_if(as_map(), [&](const auto& entry) { return entry.first == key; }) > 0;
}

const char* kind_text(const Value& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return "a boolean";
  if (value.is_integer()) return "an integer";
  if (value.is_float()) return "a float";
  if (value.is_string()) return "a string";
  return value.is_list() ? "a list" : "a map";
}

std::string short_text(const Value& value) {
  constexpr std::size_t kLongest = 80;
  if (value.is_null()) return "null";
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_integer()) return std::to_string(value.as_integer());
  if (value.is_float()) return core::shortest_text(value.as_float());
  if (value.is_string()) return fmt::format("'{}'", value.as_string());
  std::string text;
  if (value.is_list()) {
    for (const auto& item : value.as_list()) text += (text.empty() ? "" : ", ") + short_text(item);
    text = "[" + text + "]";
  } else {
    for (const auto& [key, item] : value.as_map()) text += (text.empty() ? "" : ", ") + key + ": " + short_text(item);
    text = "{" + text + "}";
  }
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

std::string source_text(const Source& source) {
  return source.line > 0 ? fmt::format("{}:{}", source.file, source.line) : source.file;
}

std::vector<std::string> split_path(const std::string& path) {
  std::vector<std::string> parts;
  if (path.empty()) return parts;
  std::size_t begin = 0;
  for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', begin)) {
    parts.push_back(path.substr(begin, dot - begin));
    begin = dot + 1;
  }
  parts.push_back(path.substr(begin));
  return parts;
}

std::string join_path(const std::vector<std::string>& parts) {
  std::string path;
  for (const auto& part : parts) path += (path.empty() ? "" : ".") + part;
  return path;
}

}  // namespace normadd::config
