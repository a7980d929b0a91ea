// SPDX-License-Identifier: Apache-2.0
// The config tree: what YAML and overrides become. yaml-cpp is used at the edge only.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace normadd::config {

class Value;
using List = std::vector<Value>;
using MapEntries = std::vector<std::pair<std::string, Value>>;  // insertion order kept

/// Where a value was written: file and 1-based line, or "command line".
struct Source {
  std::string file;
  int line = 0;
};

/// null, bool, integer, float, string, list or map. "???" is an ordinary string that readers treat as missing.
class Value {
 public:
  Value() = default;
  Value(bool v) : data_(v) {}
  Value(int v) : data_(std::int64_t{v}) {}
  Value(std::int64_t v) : data_(v) {}
  Value(double v) : data_(v) {}
  Value(const char* v) : data_(std::string(v)) {}
  Value(std::string v) : data_(std::move(v)) {}
  Value(List v) : data_(std::move(v)) {}
  Value(MapEntries v) : data_(std::move(v)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_integer() const { return std::holds_alternative<std::int64_t>(data_); }
  bool is_float() const { return std::holds_alternative<double>(data_); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_list() const { return std::holds_alternative<List>(data_); }
  bool is_map() const { return std::holds_alternative<MapEntries>(data_); }
  bool is_missing() const { return is_string() && as_string() == "???"; }

  bool as_bool() const { return std::get<bool>(data_); }
  std::int64_t as_integer() const { return std::get<std::int64_t>(data_); }
  /// Integers count as floats.
  double as_float() const { return is_integer() ? static_cast<double>(as_integer()) : std::get<double>(data_); }
  const std::string& as_string() const { return std::get<std::string>(data_); }
  const List& as_list() const { return std::get<List>(data_); }
  List& as_list() { return std::get<List>(data_); }
  const MapEntries& as_map() const { return std::get<MapEntries>(data_); }
  MapEntries& as_map() { return std::get<MapEntries>(data_); }

  /// Child of a map by key, or of a list by index text; nullptr when absent.
  const Value* find(const std::string& key) const;
  Value* find(const std::string& key);
  /// By dotted path ("a.b.0.c"); nullptr when absent.
  const Value* find_path(const std::string& path) const;
  Value* find_path(const std::string& path);
  /// Sets a map entry, keeping the position of an existing key.
  void set(const std::string& key, Value value);
  bool erase(const std::string& key);

  Source source;

  /// Same kind and content; sources do not matter.
  friend bool operator==(const Value& a, const Value& b) { return a.data_ == b.data_; }

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, MapEntries> data_;
};

/// "null", "a boolean", "an integer", "a float", "a string", "a list" or "a map", for error messages.
const char* kind_text(const Value& value);

/// A short rendering of a value on one line, for error messages: 0.5, 'carpet', [a, b], {a: 1}.
std::string short_text(const Value& value);

/// "file:line", "command line", or "" when unknown.
std::string source_text(const Source& source);

/// "a.b.0" <-> {"a", "b", "0"}; "" <-> {}.
std::vector<std::string> split_path(const std::string& path);
std::string join_path(const std::vector<std::string>& parts);

}  // namespace normadd::config
