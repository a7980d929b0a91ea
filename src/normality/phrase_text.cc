// SPDX-License-Identifier: Apache-2.0
#include "normality/phrase_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "networks/unicode_text.h"

namespace normadd::normality {
namespace {

constexpr std::string_view kMarkup = "<>[]|\\`*_#~^=@$\"";

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

/// Zero-width characters, direction marks, line separators, private use, what stands for malformed bytes, and all that
/// lies beyond the basic plane (pictograms).
bool is_invisible(char32_t code) {
  return code == 0xad || (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x206f) || (code >= 0xe000 && code <= 0xf8ff) || code == 0xfeff || code >= 0xfff0;
}

bool is_word_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

char32_t plain(char32_t code) {
  if (code == 0x2018 || code == 0x2019) return '\'';
  if (code >= 0x2010 && code <= 0x2014) return '-';
  return code;
}

}  // namespace

std::string tidy_phrase(const std::string& text) {
  std::u32string tidy;
  for (const char32_t code : networks::decode_utf8(text)) {
    // A line break stays, to be refused: it is no mere blank.
    if (networks::is_space(code) && !is_control(code)) {
      if (!tidy.empty() && tidy.back() != ' ') tidy += U' ';
    } else {
      tidy += plain(code);
    }
  }
  while (!tidy.empty() && std::u32string_view(U" .,;").find(tidy.back()) != std::u32string_view::npos) tidy.pop_back();
  std::string phrase = networks::encode_utf8(tidy);
  for (const std::string_view article : {"a ", "an ", "the "}) {
    if (phrase.size() > article.size() && is_same_word(phrase.substr(0, article.size()), article)) {
      return phrase.substr(article.size());
    }
  }
  return phrase;
}

std::string flaw_of_plain_text(const std::string& text) {
  const std::u32string codes = networks::decode_utf8(text);
  if (std::ranges::none_of(codes, networks::is_letter)) return "has no words";
  for (const char32_t code : codes) {
    if (code == '{' || code == '}') return "holds a brace";
    if (is_control(code)) return "holds a line break or another control character";
    if (is_invisible(code)) return fmt::format("holds the character U+{:04X}", static_cast<unsigned>(code));
    if (code < 0x80 && kMarkup.find(static_cast<char>(code)) != std::string_view::npos) {
      return fmt::format("holds '{}', which is not plain text", static_cast<char>(code));
    }
  }
  return "";
}

std::string with_category_placeholder(const std::string& phrase, const std::string& name) {
  std::string generic;
  for (std::size_t at = 0; at < phrase.size();) {
    const std::size_t end = at + name.size();
    const bool is_word = !name.empty() && end <= phrase.size() && (at == 0 || !is_word_character(phrase[at - 1])) &&
                         (end == phrase.size() || !is_word_character(phrase[end])) &&
                         is_same_word(std::string_view(phrase).substr(at, name.size()), name);
    if (is_word) {
      generic += "{category}";
      at = end;
    } else {
      generic += phrase[at++];
    }
  }
  return generic;
}

std::string fill_category(const std::string& phrase, const std::string& name) {
  constexpr std::string_view kPlaceholder = "{category}";
  std::string text = phrase;
  for (std::size_t at = text.find(kPlaceholder); at != std::string::npos;
       at = text.find(kPlaceholder, at + name.size())) {
    text.replace(at, kPlaceholder.size(), name);
  }
  return text;
}

std::string quoted_excerpt(const std::string& text, std::size_t longest) {
  std::string quoted = "'";
  for (const char32_t code : networks::decode_utf8(text)) {
    if (quoted.size() > longest) {
      quoted += "...";
      break;
    }
    if (code == '\n' || code == '\t' || code == '\r') {
      quoted += ' ';
    } else if (is_control(code) || is_invisible(code)) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(code));
    } else {
      networks::append_utf8(quoted, code);
    }
  }
  return quoted + "'";
}

}  // namespace normadd::normality
