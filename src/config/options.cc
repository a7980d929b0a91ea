// SPDX-License-Identifier: Apache-2.0
#include "config/options.h"

#include <fmt/format.h>

#include <limits>
#include <type_traits>

#include "config/option_checks.h"
#include "core/error.h"

namespace normadd::config {
namespace {

template <typename T>
struct KindOf;
template <>
struct KindOf<bool> {
  static constexpr Kind kKind = Kind::kBool;
};
template <>
struct KindOf<int> {
  static constexpr Kind kKind = Kind::kInteger;
};
template <>
struct KindOf<std::int64_t> {
  static constexpr Kind kKind = Kind::kInteger;
};
template <>
struct KindOf<double> {
  static constexpr Kind kKind = Kind::kFloat;
};
template <>
struct KindOf<std::string> {
  static constexpr Kind kKind = Kind::kString;
};

/// Takes the value over; false when it is of another kind.
bool take(const Value& value, bool& into) {
  if (value.is_bool()) into = value.as_bool();
  return value.is_bool();
}

bool take(const Value& value, std::int64_t& into) {
  if (value.is_integer()) into = value.as_integer();
  return value.is_integer();
}

bool take(const Value& value, int& into) {
  if (!value.is_integer() || value.as_integer() < std::numeric_limits<int>::min() ||
      value.as_integer() > std::numeric_limits<int>::max()) {
    return false;
  }
  into = static_cast<int>(value.as_integer());
  return true;
}

bool take(const Value& value, double& into) {
  if (!value.is_float() && !value.is_integer()) return false;
  into = value.as_float();
  return true;
}

bool take(const Value& value, std::string& into) {
  if (value.is_integer()) {
    into = std::to_string(value.as_integer());
  } else if (value.is_string()) {
    into = value.as_string();
  } else {
    return false;
  }
  return true;
}

}  // namespace

FieldReference& FieldReference::help(std::string text) {
  field_->help = std::move(text);
  return *this;
}

FieldReference& FieldReference::unit(std::string text) {
  field_->unit = std::move(text);
  return *this;
}

FieldReference& FieldReference::required() {
  field_->required = true;
  field_->default_value = "???";
  return *this;
}

FieldReference& FieldReference::range(double low, double high) {
  field_->low = low;
  field_->high = high;
  return *this;
}

FieldReference& FieldReference::at_least(double low) {
  field_->low = low;
  return *this;
}

FieldReference& FieldReference::above(double low) {
  field_->low = low;
  field_->open_low = true;
  return *this;
}

FieldReference& FieldReference::below(double high) {
  field_->high = high;
  field_->open_high = true;
  return *this;
}

FieldReference& FieldReference::one_of(std::vector<std::string> choices) {
  field_->choices = std::move(choices);
  return *this;
}

struct Options::State {
  const Value* node = nullptr;
  // Pointers, because FieldReference keeps the address while further fields are added.
  std::vector<std::unique_ptr<Field>> fields;
  std::vector<std::string> wrong_kind;

  Field* add(const std::string& name, Kind kind, Value default_value) {
    fields.push_back(std::make_unique<Field>());
    Field* field = fields.back().get();
    field->name = name;
    field->kind = kind;
    field->default_value = std::move(default_value);
    return field;
  }

  /// The value to read, or nullptr when the key is absent or still missing.
  const Value* given(const std::string& name) const {
    const Value* value = node != nullptr && node->is_map() ? node->find(name) : nullptr;
    return value != nullptr && !value->is_missing() ? value : nullptr;
  }

  template <typename T>
  FieldReference scalar(const std::string& name, T& value) {
    Field* field = add(name, KindOf<T>::kKind, value);
    const Value* given_value = given(name);
    if (given_value != nullptr && !take(*given_value, value)) wrong_kind.push_back(name);
    return FieldReference(field);
  }

  template <typename T>
  FieldReference optional(const std::string& name, std::optional<T>& value) {
    Field* field = add(name, KindOf<T>::kKind, value ? Value(*value) : Value());
    field->nullable = true;
    const Value* given_value = given(name);
    if (given_value == nullptr) return FieldReference(field);
    T read{};
    if (given_value->is_null()) {
      value.reset();
    } else if (take(*given_value, read)) {
      value = std::move(read);
    } else {
      wrong_kind.push_back(name);
    }
    return FieldReference(field);
  }

  template <typename T>
  FieldReference list(const std::string& name, std::vector<T>& value) {
    Field* field = add(name, Kind::kList, List(value.begin(), value.end()));
    field->element = KindOf<T>::kKind;
    const Value* given_value = given(name);
    if (given_value == nullptr) return FieldReference(field);
    std::vector<T> read;
    bool fits = given_value->is_list();
    if (fits) {
      for (const Value& item : given_value->as_list()) fits = take(item, read.emplace_back()) && fits;
    }
    if (fits) {
      value = std::move(read);
    } else {
      wrong_kind.push_back(name);
    }
    return FieldReference(field);
  }
};

Options::Options(const Value* node) : state_(std::make_unique<State>()) { state_->node = node; }
Options::~Options() = default;

FieldReference Options::field(const std::string& name, bool& value) { return state_->scalar(name, value); }
FieldReference Options::field(const std::string& name, int& value) { return state_->scalar(name, value); }
FieldReference Options::field(const std::string& name, std::int64_t& value) { return state_->scalar(name, value); }
FieldReference Options::field(const std::string& name, double& value) { return state_->scalar(name, value); }
FieldReference Options::field(const std::string& name, std::string& value) { return state_->scalar(name, value); }
FieldReference Options::field(const std::string& name, std::optional<bool>& value) {
  return state_->optional(name, value);
}
FieldReference Options::field(const std::string& name, std::optional<int>& value) {
  return state_->optional(name, value);
}
FieldReference Options::field(const std::string& name, std::optional<double>& value) {
  return state_->optional(name, value);
}
FieldReference Options::field(const std::string& name, std::optional<std::string>& value) {
  return state_->optional(name, value);
}
FieldReference Options::field(const std::string& name, std::vector<std::string>& value) {
  return state_->list(name, value);
}
FieldReference Options::field(const std::string& name, std::vector<int>& value) { return state_->list(name, value); }
FieldReference Options::field(const std::string& name, std::vector<double>& value) { return state_->list(name, value); }

FieldReference Options::field(const std::string& name, MapEntries& value) {
  Field* field = state_->add(name, Kind::kMap, value);
  const Value* given_value = state_->given(name);
  if (given_value != nullptr && given_value->is_map()) {
    value = given_value->as_map();
  } else if (given_value != nullptr && given_value->is_null()) {
    value.clear();
  } else if (given_value != nullptr) {
    state_->wrong_kind.push_back(name);
  }
  return FieldReference(field);
}

std::vector<Field> Options::fields() const {
  std::vector<Field> copies;
  for (const auto& field : state_->fields) copies.push_back(*field);
  return copies;
}

void Options::finish(const std::string& path) const {
  if (state_->node == nullptr) return;
  const std::vector<Field> all = fields();
  check_keys(*state_->node, all, path);
  for (const Field& field : all) {
    const Value* value = state_->node->find(field.name);
    check_given(field, value, *state_->node, path);
    if (value == nullptr) continue;
    for (const auto& name : state_->wrong_kind) {
      if (name == field.name) fail_wrong_kind(field, *value, path);
    }
    check_value(field, *value, path);
  }
}

}  // namespace normadd::config
