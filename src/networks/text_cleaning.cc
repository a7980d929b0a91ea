// SPDX-License-Identifier: Apache-2.0
#include "networks/text_cleaning.h"

#include <algorithm>
#include <utility>

#include "networks/html_entities.h"
#include "networks/unicode_text.h"

namespace normadd::networks {
namespace {

bool is_stray_control(char32_t code) {
  return code <= 0x08 || code == 0x0B || (code >= 0x0E && code <= 0x1F) || code == 0x7F ||
         (code >= 0x206A && code <= 0x206F) || code == 0xFEFF || (code >= 0xFFF9 && code <= 0xFFFC);
}

/// The letters of a character that stands for two or three, or nothing.
std::u32string_view ligature(char32_t code) {
  static constexpr std::pair<char32_t, std::u32string_view> kLigatures[] = {
      {0x0132, U"IJ"},      {0x0133, U"ij"}, {0x0149, U"'n"}, {0x01C4, U"D\u017D"}, {0x01C5, U"D\u017E"},
      {0x01C6, U"d\u017E"}, {0x01C7, U"LJ"}, {0x01C8, U"Lj"}, {0x01C9, U"lj"},      {0x01CA, U"NJ"},
      {0x01CB, U"Nj"},      {0x01CC, U"nj"}, {0x01F1, U"DZ"}, {0x01F2, U"Dz"},      {0x01F3, U"dz"},
      {0xFB00, U"ff"},      {0xFB01, U"fi"}, {0xFB02, U"fl"}, {0xFB03, U"ffi"},     {0xFB04, U"ffl"},
      {0xFB05, U"\u017Ft"}, {0xFB06, U"st"}};
  for (const auto& [from, letters] : kLigatures) {
    if (from == code) return letters;
  }
  return {};
}

/// One character's plain form: full-width and curly ones become ASCII.
char32_t plain(char32_t code) {
  if (code >= 0x80 && code <= 0x9F) code = windows_1252(code);
  if (code >= 0xFF01 && code <= 0xFF5E) return code - 0xFEE0;
  if (code == 0x02BC || (code >= 0x2018 && code <= 0x201B)) return U'\'';
  if (code >= 0x201C && code <= 0x201F) return U'"';
  return code;
}

/// The part of ftfy that looks at single characters.
std::u32string repaired(const std::u32string& text) {
  // A tag in the text says that it is HTML, where references are meant; ftfy then leaves them to the caller.
  const bool is_markup = text.find(U'<') != std::u32string::npos;
  std::u32string out;
  for (const char32_t code : is_markup ? text : unescape_html(text, /*need_semicolon=*/true)) {
    const std::u32string_view letters = ligature(code);
    if (!letters.empty()) {
      out += letters;
    } else if (const char32_t character = plain(code); !is_stray_control(character)) {
      out += character;
    }
  }
  return composed(out);
}

std::u32string single_spaced(std::u32string_view text) {
  std::u32string out;
  bool pending = false;
  for (const char32_t code : text) {
    if (is_space(code)) {
      pending = !out.empty();
      continue;
    }
    if (pending) out += U' ';
    pending = false;
    out += code;
  }
  return out;
}

/// Length of the contraction at the start of rest, or 0.
std::size_t contraction(std::u32string_view rest) {
  // The pattern ignores case, for which the long s is an s.
  for (const std::u32string_view known : {U"'s", U"'\u017F", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"}) {
    if (rest.starts_with(known)) return known.size();
  }
  return 0;
}

/// The combining iota: when case is ignored, no part of the reference pattern matches it, so that it separates words.
constexpr char32_t kCombiningIota = 0x345;

bool separates(char32_t code) { return is_space(code) || code == kCombiningIota; }

bool is_other(char32_t code) { return !separates(code) && !is_letter(code) && !is_number(code); }

std::size_t run_length(std::u32string_view rest, bool (*belongs)(char32_t)) {
  return static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), belongs) - rest.begin());
}

}  // namespace

std::string clean_text(std::string_view text) {
  std::u32string codes = repaired(decode_utf8(text));
  codes = unescape_html(unescape_html(codes, false), false);
  return encode_utf8(lower_case(single_spaced(codes)));
}

std::vector<std::string> split_words(std::string_view text) {
  const std::u32string codes = decode_utf8(text);
  std::vector<std::string> words;
  for (std::u32string_view rest = codes; !rest.empty();) {
    if (separates(rest.front())) {
      rest.remove_prefix(1);
      continue;
    }
    std::size_t length = contraction(rest);
    if (length == 0 && is_number(rest.front())) length = 1;
    if (length == 0) length = run_length(rest, is_letter(rest.front()) ? is_letter : is_other);
    words.push_back(encode_utf8(rest.substr(0, length)));
    rest.remove_prefix(length);
  }
  return words;
}

}  // namespace normadd::networks
