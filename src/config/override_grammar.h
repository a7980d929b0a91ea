// SPDX-License-Identifier: Apache-2.0
// The grammar of command-line overrides: key=value, +key=value, ++key=value, ~key, group=option.
// Source: Hydra's override grammar (hydra/grammar/Override{Lexer,Parser}.g4).
// Differs: later '=' in a value are literal (ckpt=epoch=9.ckpt), characters that Hydra refuses but that need no quoting
// are allowed (~, !, <, >, &, non-ASCII letters), dict keys may be quoted, a.list+=x appends.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/value.h"

namespace normadd::config {

struct Element;

/// choice(a,b), range(1,5), glob(*), int(3), ... as written; meaning is given to it by whoever expands sweeps.
struct FunctionCall {
  struct Argument;
  std::string name;
  std::vector<Argument> arguments;
};

/// One value, or a function that stands for one or several.
struct Element {
  std::variant<Value, FunctionCall> content;

  bool is_value() const { return std::holds_alternative<Value>(content); }
  const Value& value() const { return std::get<Value>(content); }
  const FunctionCall& function() const { return std::get<FunctionCall>(content); }
};

struct FunctionCall::Argument {
  std::string name;  // empty for a positional one
  Element element;
};

enum class OverrideKind { kChange, kAdd, kAddOrChange, kDelete, kAppend };

struct Override {
  std::string text;  // as given
  OverrideKind kind = OverrideKind::kChange;
  std::string key;                     // a.b.0 or group/sub
  std::optional<std::string> package;  // after '@'
  std::vector<Element> elements;       // none for "~key"; two or more are a choice sweep

  bool is_sweep() const;
  /// The single plain value. Throws ConfigError for a sweep or a function.
  const Value& value() const;
  /// ConfigError for a sweep where one value belongs.
  [[noreturn]] void fail_sweep(std::size_t num_values) const;
};

/// Throws ConfigError with the override, a caret under the offending character and, where possible, the quoted form
/// that works.
Override parse_override(const std::string& text);

/// One value in the grammar of the right-hand side, as ${oc.decode:...} reads it. Throws ConfigError.
Value parse_value_text(const std::string& text);

}  // namespace normadd::config
