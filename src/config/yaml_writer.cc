// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string_view>

#include "config/compose.h"
#include "config/plain_scalar.h"
#include "core/number_text.h"

namespace normadd::config {
namespace {

bool has_control_characters(const std::string& text) {
  for (const unsigned char c : text) {
    if (c < 0x20 || c == 0x7f) return true;
  }
  // NEL, line and paragraph separator end a line for YAML 1.1 readers.
  return text.find("\xc2\x85") != std::string::npos || text.find("\xe2\x80\xa8") != std::string::npos ||
         text.find("\xe2\x80\xa9") != std::string::npos || text.find("\xef\xbb\xbf") != std::string::npos;
}

bool is_safe_unquoted(const std::string& text) {
  constexpr std::string_view kIndicators = "!&*?|>%@`'\"#{}[],:-";
  if (reads_as_other_than_string(text)) return false;
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  const bool dash_in_word = text.front() == '-' && text.size() > 1 && text[1] != ' ' && text[1] != '-';
  if (kIndicators.find(text.front()) != std::string_view::npos && !dash_in_word) return false;
  if (text.rfind("...", 0) == 0) return false;
  return text.find(": ") == std::string::npos && text.find(" #") == std::string::npos;
}

std::string double_quoted(const std::string& text) {
  std::string quoted = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = text[i];
    if (c == '"' || c == '\\') {
      quoted += fmt::format("\\{}", text[i]);
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (c < 0x20 || c == 0x7f) {
      quoted += fmt::format("\\x{:02x}", c);
    } else if (text.compare(i, 2, "\xc2\x85") == 0) {
      quoted += "\\x85";
      i += 1;
    } else if (text.compare(i, 3, "\xe2\x80\xa8") == 0 || text.compare(i, 3, "\xe2\x80\xa9") == 0) {
      quoted += fmt::format("\\u{:04x}", 0x2028 + (static_cast<unsigned char>(text[i + 2]) - 0xa8));
      i += 2;
    } else if (text.compare(i, 3, "\xef\xbb\xbf") == 0) {
      quoted += "\\ufeff";
      i += 2;
    } else {
      quoted += text[i];
    }
  }
  return quoted + "\"";
}

std::string string_text(const std::string& text) {
  if (has_control_characters(text)) return double_quoted(text);
  if (is_safe_unquoted(text)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + "'";
}

std::string scalar_text(const Value& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_integer()) return std::to_string(value.as_integer());
  if (value.is_float()) return core::yaml_float_text(value.as_float());
  if (value.is_list()) return "[]";
  return value.is_map() ? "{}" : string_text(value.as_string());
}

bool is_block(const Value& value) {
  return (value.is_list() && !value.as_list().empty()) || (value.is_map() && !value.as_map().empty());
}

/// Appends the lines of a value; the first line is written without indentation when it follows "- ".
void append(std::string& text, const Value& value, std::size_t indent, bool after_dash) {
  const std::string blanks(indent, ' ');
  bool first = true;
  const auto begin_line = [&] {
    if (!(first && after_dash)) text += blanks;
    first = false;
  };
  if (value.is_map()) {
    for (const auto& [key, item] : value.as_map()) {
      begin_line();
      text += string_text(key) + ":";
      if (is_block(item)) {
        text += '\n';
        append(text, item, item.is_list() ? indent : indent + 2, false);
      } else {
        text += ' ' + scalar_text(item) + '\n';
      }
    }
  } else {
    for (const auto& item : value.as_list()) {
      begin_line();
      text += "- ";
      if (is_block(item)) {
        append(text, item, indent + 2, true);
      } else {
        text += scalar_text(item) + '\n';
      }
    }
  }
}

}  // namespace

std::string to_yaml(const Value& value) {
  if (!is_block(value)) return scalar_text(value) + "\n";
  std::string text;
  append(text, value, 0, false);
  return text;
}

}  // namespace normadd::config
