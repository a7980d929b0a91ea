// SPDX-License-Identifier: Apache-2.0
// One declaration per option: default, range, unit, help and check live beside the algorithm that uses them.
// An options struct has a member  void describe(config::Options& o)  that names each field once:
//     o.field("coreset_ratio", coreset_ratio).help("share of the patches kept").above(0);
// The same member serves to list the schema (defaults are the struct's initial values) and to read a config node.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/value.h"

namespace normadd::config {

enum class Kind { kBool, kInteger, kFloat, kString, kList, kMap };

/// What is known of one field.
struct Field {
  std::string name;
  Kind kind = Kind::kString;
  Value default_value;
  bool required = false;  // "???" unless set
  bool nullable = false;  // null allowed (std::optional fields)
  std::string help;
  std::string unit;
  std::optional<double> low, high;  // inclusive unless open_*
  bool open_low = false, open_high = false;
  std::vector<std::string> choices;  // for strings
  Kind element = Kind::kString;      // for lists
};

/// Lets describe() add facts to the field just named.
class FieldReference {
 public:
  explicit FieldReference(Field* field) : field_(field) {}
  /// One line without a final dot.
  FieldReference& help(std::string text);
  FieldReference& unit(std::string text);
  /// No default: a node without the key, or with "???", is an error that tells how to set it.
  FieldReference& required();
  /// Bounds of a number, or of each number of a list; NaN is outside every range.
  FieldReference& range(double low, double high);
  FieldReference& at_least(double low);
  FieldReference& above(double low);
  FieldReference& below(double high);
  /// Allowed texts of a string, or of each string of a list.
  FieldReference& one_of(std::vector<std::string> choices);

 private:
  Field* field_;
};

/// The visitor that describe() gets: either collects fields or reads them from a map node.
/// Reading is typed: an integer is accepted for a float and for a string, null only for an optional, nothing else is
/// converted. A field whose key is absent keeps its initial value.
class Options {
 public:
  FieldReference field(const std::string& name, bool& value);
  FieldReference field(const std::string& name, int& value);
  FieldReference field(const std::string& name, std::int64_t& value);
  FieldReference field(const std::string& name, double& value);
  FieldReference field(const std::string& name, std::string& value);
  FieldReference field(const std::string& name, std::optional<bool>& value);
  FieldReference field(const std::string& name, std::optional<int>& value);
  FieldReference field(const std::string& name, std::optional<double>& value);
  FieldReference field(const std::string& name, std::optional<std::string>& value);
  FieldReference field(const std::string& name, std::vector<std::string>& value);
  FieldReference field(const std::string& name, std::vector<int>& value);
  FieldReference field(const std::string& name, std::vector<double>& value);
  /// A map with keys of the user's choice, taken over as it is.
  FieldReference field(const std::string& name, MapEntries& value);

  /// node: the map to read, or null to collect fields only. It must outlive the Options.
  explicit Options(const Value* node);
  ~Options();
  std::vector<Field> fields() const;
  /// After describe(): unknown keys, wrong types and values out of range are ConfigErrors that name path (a dotted key)
  /// and the nearest valid name.
  void finish(const std::string& path) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What a field may be, for people: "above 0 and at most 1", "product, power or none"; empty when anything goes.
std::string allowed_text(const Field& field);

/// The schema of an options struct.
template <typename T>
std::vector<Field> fields_of() {
  T value;
  Options options(nullptr);
  value.describe(options);
  return options.fields();
}

/// Reads a config node into the struct; path is the node's dotted key, for errors.
template <typename T>
T read_options(const Value& node, const std::string& path) {
  T value;
  Options options(&node);
  value.describe(options);
  options.finish(path);
  return value;
}

}  // namespace normadd::config
