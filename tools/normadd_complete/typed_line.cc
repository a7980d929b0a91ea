// SPDX-License-Identifier: Apache-2.0
#include "normadd_complete/typed_line.h"

namespace normadd::completion {
namespace {

/// Calls visit(index, is_quoted) for every character; returns the quote that stays open.
template <typename Visit>
char walk(const std::string& text, Visit visit) {
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      visit(i, false, true);
      visit(++i, true, false);
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
      visit(i, true, true);
    } else if (c == quote) {
      quote = '\0';
      visit(i, true, true);
    } else {
      visit(i, quote != '\0', false);
    }
  }
  return quote;
}

}  // namespace

TypedLine read_typed_line(const std::string& text) {
  TypedLine line;
  bool has_word = false;
  const auto end_word = [&] {
    if (has_word) line.words.push_back(line.current);
    line.current.clear();
    line.raw.clear();
    has_word = false;
  };
  line.open_quote = walk(text, [&](std::size_t i, bool is_quoted, bool is_mark) {
    const char c = text[i];
    if (!is_quoted && !is_mark && (c == ' ' || c == '\t' || c == '\n')) return end_word();
    if (!is_quoted && !is_mark && (c == ';' || c == '|' || c == '&')) {
      end_word();
      return line.words.clear();
    }
    has_word = true;
    line.raw += c;
    if (!is_mark) line.current += c;
  });
  return line;
}

std::size_t broken_prefix(const TypedLine& line, const std::string& word_breaks) {
  std::size_t end = 0;
  walk(line.raw, [&](std::size_t i, bool is_quoted, bool is_mark) {
    // An opening quote starts a word for bash too, but it keeps the quote itself.
    if (!is_quoted && !is_mark && word_breaks.find(line.raw[i]) != std::string::npos) end = i + 1;
  });
  return end;
}

}  // namespace normadd::completion
