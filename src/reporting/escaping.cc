// SPDX-License-Identifier: Apache-2.0
#include "reporting/escaping.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "core/hashing.h"
#include "core/utf8.h"

namespace normadd::reporting {
namespace {

/// One letter of valid UTF-8.
struct Letter {
  std::uint32_t code = 0;
  std::string_view bytes;
};

/// The letter at text[at], which is valid UTF-8.
Letter letter_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(at);
  const std::size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  constexpr std::uint32_t kFirstBits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  std::uint32_t code = first & kFirstBits[size];
  for (std::size_t i = 1; i < size; ++i) code = code << 6 | (byte(at + i) & 0x3f);
  return {code, text.substr(at, size)};
}

/// write(letter, code of the next or 0, text so far).
template <typename Write>
std::string rewritten(std::string_view text, Write write) {
  const std::string valid = core::valid_utf8(text);
  std::string result;
  result.reserve(valid.size() + valid.size() / 8);
  for (std::size_t at = 0; at < valid.size();) {
    const Letter letter = letter_at(valid, at);
    at += letter.bytes.size();
    const std::uint32_t next = at < valid.size() ? letter_at(valid, at).code : 0;
    write(letter, next, result);
  }
  return result;
}

bool is_space(std::uint32_t code) { return code == ' ' || code == '\t' || code == '\n' || code == '\r'; }

/// C0, DEL and C1, which no format shows, and the marks that would turn the direction of what follows.
bool is_control(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 ||
         (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

const char* latex_command(std::uint32_t code) {
  switch (code) {
    case '\\':
      return "\\textbackslash{}";
    case '{':
      return "\\{";
    case '}':
      return "\\}";
    case '_':
      return "\\_";
    case '%':
      return "\\%";
    case '&':
      return "\\&";
    case '#':
      return "\\#";
    case '$':
      return "\\$";
    case '~':
      return "\\textasciitilde{}";
    case '^':
      return "\\textasciicircum{}";
    case '<':
      return "\\textless{}";
    case '>':
      return "\\textgreater{}";
    case '|':
      return "\\textbar{}";
    case '"':
      return "\\textquotedblright{}";
    case '`':
      return "\\`{}";
    case 0x00a0:
      return "~";
    case 0x00b1:
      return "$\\pm$";
    case 0x00b0:
      return "$^\\circ$";
    case 0x00b2:
      return "$^2$";
    case 0x00b3:
      return "$^3$";
    case 0x00b5:
      return "$\\mu$";
    case 0x03bb:
      return "$\\lambda$";
    case 0x03b3:
      return "$\\gamma$";
    case 0x00d7:
      return "$\\times$";
    case 0x2013:
      return "--";
    case 0x2014:
      return "---";
    case 0x2018:
      return "`{}";
    case 0x2019:
      return "'{}";
    case 0x201c:
      return "\\textquotedblleft{}";
    case 0x201d:
      return "\\textquotedblright{}";
    case 0x2020:
      return "\\dag{}";
    case 0x2026:
      return "\\dots{}";
    case 0x2192:
      return "$\\rightarrow$";
    case 0x2193:
      return "$\\downarrow$";
    case 0x2212:
      return "$-$";
    default:
      return nullptr;
  }
}

/// Latin letters that pdfLaTeX composes in its oldest font encoding (OT1) too.
bool is_latex_letter(std::uint32_t code) {
  if (code < 0xc0 || code > 0x17e) return false;
  constexpr std::uint32_t kNotThere[] = {0x00d0, 0x00d7, 0x00de, 0x00f0, 0x00f7, 0x00fe, 0x0104, 0x0105, 0x0110,
                                         0x0111, 0x0118, 0x0119, 0x0126, 0x0127, 0x012e, 0x012f, 0x0138, 0x013f,
                                         0x0140, 0x0149, 0x014a, 0x014b, 0x0166, 0x0167, 0x0172, 0x0173, 0x017f};
  return std::find(std::begin(kNotThere), std::end(kNotThere), code) == std::end(kNotThere);
}

bool is_word(std::uint32_t code) {
  return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') || (code >= '0' && code <= '9');
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_safe_in_names(char c) {
  return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.';
}

constexpr std::size_t kHashDigits = 16;

/// What file_name_text appends; a text that ends so by itself gets a hash of its own, or it could be taken for another.
bool ends_with_hash(std::string_view text) {
  if (text.size() <= kHashDigits || text[text.size() - kHashDigits - 1] != '-') return false;
  return std::all_of(text.end() - kHashDigits, text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// Names that Windows keeps for devices, with any extension.
bool is_device_name(std::string_view text) {
  const std::string_view stem = text.substr(0, text.find('.'));
  constexpr std::string_view kDevices[] = {"con", "prn", "aux", "nul"};
  const bool is_port = stem.size() == 4 && (stem.starts_with("com") || stem.starts_with("lpt"));
  return is_port || std::find(std::begin(kDevices), std::end(kDevices), stem) != std::end(kDevices);
}

}  // namespace

std::string html_text(std::string_view text) {
  return rewritten(text, [](const Letter& letter, std::uint32_t, std::string& result) {
    switch (letter.code) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      case '`':
        result += "&#96;";
        break;
      default:
        result += is_control(letter.code) && letter.code != '\t' && letter.code != '\n' ? kReplacement : letter.bytes;
    }
  });
}

std::string latex_text(std::string_view text) {
  return rewritten(text, [](const Letter& letter, std::uint32_t next, std::string& result) {
    const auto code = letter.code;
    // Pairs of these would be drawn as one; and after a row's end LaTeX takes a bracket or a star for its option.
    const bool joins = (code == '-' || code == ',' || code == '\'') && next == code;
    const bool is_option = (code == '[' || code == '*') && result.find_first_not_of(' ') == std::string::npos;
    if (is_space(code)) {
      result += ' ';
    } else if (joins) {
      result.append(letter.bytes).append("{}");
    } else if (is_option) {
      result.append("{").append(letter.bytes).append("}");
    } else if (const char* command = latex_command(code)) {
      result += command;
    } else if ((code >= 0x20 && code < 0x7f) || is_latex_letter(code)) {
      result += letter.bytes;
    } else {
      result += fmt::format("U+{:04X}", code);
    }
  });
}

std::string markdown_text(std::string_view text) {
  constexpr std::string_view kSpecial = "\\`*[]<>#|~&$";
  return rewritten(text, [&](const Letter& letter, std::uint32_t next, std::string& result) {
    if (is_space(letter.code)) {
      result += ' ';
      return;
    }
    if (is_control(letter.code)) {
      result += kReplacement;
      return;
    }
    const bool after_word = !result.empty() && is_word(static_cast<unsigned char>(result.back()));
    const auto needs_escape = [&](char c) {
      switch (c) {
        case '_':
          return !after_word || !is_word(next);  // emphasis only at a word's edge
        case '@':
          return !after_word || !(next >= '0' && next <= '9');  // mentions and addresses, but not AUPRO@30%
        case ':':
          return next == '/';  // addresses become links by themselves
        case '.':
          return result.ends_with("www") || result.ends_with("WWW");
        default:
          return kSpecial.find(c) != std::string_view::npos;
      }
    };
    if (letter.code < 0x80 && needs_escape(static_cast<char>(letter.code))) result += '\\';
    result += letter.bytes;
  });
}

std::string file_name_text(std::string_view text) {
  constexpr std::size_t kMostCharacters = 80;
  std::string name;
  for (const char c : text.substr(0, kMostCharacters)) name += is_safe_in_names(c) ? c : '_';
  const bool is_lower = std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  const bool is_itself = !text.empty() && name == text && is_lower && (is_lower_or_digit(name[0]) || name[0] == '_') &&
                         name.back() != '.' && !ends_with_hash(name) && !is_device_name(name);
  if (is_itself) return name;
  if (name.empty() || name[0] == '.' || name[0] == '-') name.insert(0, 1, '_');
  name.resize(std::min(name.size(), kMostCharacters - kHashDigits - 1));
  return name + '-' + core::xxh128_hex(text).substr(0, kHashDigits);
}

}  // namespace normadd::reporting
