// SPDX-License-Identifier: Apache-2.0
#include "config/interpolation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>

#include "config/compose.h"
#include "config/merge.h"
#include "config/override_grammar.h"
#include "config/resolver_functions.h"
#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::config {
namespace {

using Path = std::vector<std::string>;
constexpr std::size_t kLongestChain = 200;
// Over all keys of a chain: each level is a call on the stack.
constexpr int kDeepestNesting = 400;

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Position after the '}' that closes the "${" at begin; npos when there is none. Quoted braces do not count.
std::size_t end_of_interpolation(const std::string& text, std::size_t begin) {
  int depth = 0;
  char quote = '\0';
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if ((c == '\'' || c == '"') && depth > 0) {
      quote = c;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return std::string::npos;
}

/// Splits at separators outside brackets, braces and quotes.
std::vector<std::string> split_outside_brackets(const std::string& text, char separator, std::size_t most_parts) {
  std::vector<std::string> parts(1);
  int depth = 0;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '{' || c == '[' || c == '(') {
      ++depth;
    } else if (c == '}' || c == ']' || c == ')') {
      --depth;
    } else if (c == separator && depth == 0 && parts.size() < most_parts) {
      parts.emplace_back();
      continue;
    }
    parts.back() += c;
    if (c == '\\' && i + 1 < text.size()) parts.back() += text[++i];
  }
  return parts;
}

class Resolver {
 public:
  explicit Resolver(const Value& root) : root_(root) {}

  Value resolve_node(const Value& node, const Path& path) {
    Value result;
    if (has_interpolation(node)) {
      result = resolve_interpolated(node, path);
    } else if (node.is_map()) {
      result = MapEntries{};
      for (const auto& [key, value] : node.as_map())
        result.as_map().emplace_back(key, resolve_node(value, child(path, key)));
    } else if (node.is_list()) {
      List list;
      for (std::size_t i = 0; i < node.as_list().size(); ++i) {
        list.push_back(resolve_node(node.as_list()[i], child(path, std::to_string(i))));
      }
      result = std::move(list);
    } else {
      result = node;
    }
    result.source = node.source;
    return result;
  }

 private:
  static Path child(Path path, const std::string& key) {
    path.push_back(key);
    return path;
  }

  [[noreturn]] void fail(const Path& path, const std::string& what, const std::string& hint = "") const {
    const Value* node = root_.find_path(join_path(path));
    throw core::ConfigError(fmt::format("{}: {}", join_path(path), what),
                            node == nullptr ? "" : source_text(node->source), hint);
  }

  Value resolve_interpolated(const Value& node, const Path& path) {
    if (const auto known = resolved_.find(path); known != resolved_.end()) return known->second;
    if (std::find(chain_.begin(), chain_.end(), path) != chain_.end() || chain_.size() > kLongestChain) {
      std::string chain;
      for (auto link = std::find(chain_.begin(), chain_.end(), path); link != chain_.end(); ++link)
        chain += join_path(*link) + " -> ";
      fail(path, fmt::format("interpolations form a circle: {}{}", chain, join_path(path)),
           "Give one of these keys a value of its own.");
    }
    chain_.push_back(path);
    Value value = evaluate(node.as_string(), path);
    chain_.pop_back();
    return resolved_[path] = std::move(value);
  }

  /// The value of a text with interpolations in it.
  Value evaluate(const std::string& text, const Path& path) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
      const std::size_t begin = text.find("${", i);
      if (begin == std::string::npos) return result + text.substr(i);
      std::size_t num_slashes = 0;
      while (num_slashes < begin - i && text[begin - num_slashes - 1] == '\\') ++num_slashes;
      result += text.substr(i, begin - i - num_slashes) + std::string(num_slashes / 2, '\\');
      if (num_slashes % 2 == 1) {
        result += "${";
        i = begin + 2;
        continue;
      }
      const std::size_t end = end_of_interpolation(text, begin);
      if (end == std::string::npos) fail(path, fmt::format("'{}' has a '${{' that is not closed", text));
      Value value = evaluate_interpolation(text.substr(begin + 2, end - begin - 3), path);
      if (begin == 0 && end == text.size()) return value;
      result += text_in_string(value, join_path(path));
      i = end;
    }
    return result;
  }

  /// content is what stands between "${" and "}".
  Value evaluate_interpolation(const std::string& content, const Path& path) {
    struct Level {
      int& depth;
      explicit Level(int& nesting) : depth(++nesting) {}
      ~Level() { --depth; }
    } const level(nesting_);
    if (nesting_ > kDeepestNesting) fail(path, "interpolations are nested too deeply");
    const auto parts = split_outside_brackets(content, ':', 2);
    const std::string name = text_in_string(evaluate(trimmed(parts[0]), path), join_path(path));
    if (parts.size() == 1) return reference(name, path);
    ResolverCall call;
    call.name = name;
    call.raw_arguments = parts[1];
    call.key = join_path(path);
    if (const Value* node = root_.find_path(call.key)) call.source = node->source;
    call.select = [&](const std::string& key) { return lookup(absolute(key, path)); };
    if (!takes_raw_text(name) && !trimmed(parts[1]).empty()) {
      for (const auto& argument : split_outside_brackets(parts[1], ',', std::string::npos)) {
        call.arguments.push_back(evaluate_argument(trimmed(argument), path));
      }
    }
    return call_resolver(call);
  }

  Value evaluate_argument(const std::string& text, const Path& path) {
    const bool is_quoted =
        text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front();
    if (is_quoted) {
      const Value inner = parse_value_text(text);
      return has_interpolation(inner) ? evaluate(inner.as_string(), path) : inner;
    }
    if (text.find("${") == std::string::npos) return parse_value_text(text);
    const bool is_container = text.front() == '[' || (text.front() == '{');
    if (!is_container) return evaluate(text, path);
    return evaluate_within(parse_value_text(text), path);
  }

  /// Interpolations inside a list or dict that is written as an argument stand where the argument does.
  Value evaluate_within(Value value, const Path& path) {
    if (has_interpolation(value)) return evaluate(value.as_string(), path);
    if (value.is_list()) {
      for (Value& item : value.as_list()) item = evaluate_within(std::move(item), path);
    } else if (value.is_map()) {
      for (auto& [key, item] : value.as_map()) item = evaluate_within(std::move(item), path);
    }
    return value;
  }

  /// The path that a key names from a node: "a[0].b" from the top, ".x" beside the node, "..x" beside its parent.
  Path absolute(std::string key, const Path& path) const {
    std::size_t num_dots = 0;
    while (num_dots < key.size() && key[num_dots] == '.') ++num_dots;
    if (num_dots > path.size()) fail(path, fmt::format("'${{{}}}' leads above the top of the configuration", key));
    Path target;
    if (num_dots > 0) target.assign(path.begin(), path.end() - static_cast<std::ptrdiff_t>(num_dots));
    key.erase(0, num_dots);
    std::replace(key.begin(), key.end(), '[', '.');
    std::erase(key, ']');
    for (auto& part : split_path(key)) target.push_back(std::move(part));
    return target;
  }

  /// The resolved value at a path; nothing when there is none or it is "???".
  std::optional<Value> lookup(const Path& target) {
    const Value* node = &root_;
    Value resolved;  // keeps what node points into once an interpolation was followed
    for (std::size_t i = 0; i < target.size(); ++i) {
      const Path here(target.begin(), target.begin() + static_cast<std::ptrdiff_t>(i));
      if (has_interpolation(*node)) {
        resolved = resolve_node(*node, here);
        const Value rest = resolved;
        const Value* inner = rest.find_path(join_path({target.begin() + static_cast<std::ptrdiff_t>(i), target.end()}));
        if (inner == nullptr || inner->is_missing()) return std::nullopt;
        return *inner;
      }
      node = node->find(target[i]);
      if (node == nullptr) return std::nullopt;
    }
    if (node->is_missing()) return std::nullopt;
    return resolve_node(*node, target);
  }

  Value reference(const std::string& key, const Path& path) {
    const Path target = absolute(key, path);
    if (auto value = lookup(target)) return *value;
    const std::string name = join_path(target);
    const Value* node = root_.find_path(name);
    if (node != nullptr && node->is_missing()) {
      fail(path, fmt::format("refers to {}, which is required and has no value", name),
           fmt::format("Give it on the command line: {}=VALUE", name));
    }
    Path parent = target;
    const Value* deepest = nullptr;
    while (!parent.empty() && deepest == nullptr) {
      parent.pop_back();
      deepest = root_.find_path(join_path(parent));
    }
    std::vector<std::string> names;
    if (deepest != nullptr && deepest->is_map()) {
      for (const auto& [entry, value] : deepest->as_map()) names.push_back(join_path(child(parent, entry)));
    }
    fail(path, fmt::format("'${{{}}}' refers to the key '{}', which does not exist", key, name),
         core::did_you_mean(name, names));
  }

  const Value& root_;
  std::map<Path, Value> resolved_;
  std::vector<Path> chain_;
  int nesting_ = 0;
};

}  // namespace

std::string text_in_string(const Value& value, const std::string& key) {
  if (value.is_null()) return "None";
  if (value.is_bool()) return value.as_bool() ? "True" : "False";
  if (value.is_integer()) return std::to_string(value.as_integer());
  if (value.is_string()) return value.as_string();
  if (value.is_float()) {
    const std::string text = fmt::format("{}", value.as_float());
    return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
  }
  throw core::ConfigError(fmt::format("{}: {} cannot be part of a text", key, kind_text(value)),
                          source_text(value.source), "");
}

Value resolve(const Value& config) { return Resolver(config).resolve_node(config, {}); }

}  // namespace normadd::config
