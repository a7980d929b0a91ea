// SPDX-License-Identifier: Apache-2.0
#include "config/plain_scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <string_view>

#include "core/error.h"

namespace normadd::config {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// YAML knows each word in three spellings: word, Word, WORD.
bool is_word(const std::string& text, std::initializer_list<const char*> words) {
  const std::string small = lower(text);
  if (std::find(words.begin(), words.end(), small) == words.end()) return false;
  const auto is_upper = [](unsigned char c) { return std::isupper(c) != 0; };
  const auto num_upper = std::count_if(text.begin(), text.end(), is_upper);
  return num_upper == 0 || num_upper == static_cast<std::ptrdiff_t>(text.size()) ||
         (num_upper == 1 && is_upper(text[0]));
}

std::string without_underscores(std::string text) {
  std::erase(text, '_');
  return text;
}

std::optional<std::int64_t> integer_of(const std::string& digits, int base) {
  errno = 0;
  char* end = nullptr;
  const long long value = std::strtoll(digits.c_str(), &end, base);
  if (errno == ERANGE || end == digits.c_str()) return std::nullopt;
  return value;
}

std::int64_t integer_or_error(const std::string& digits, int base, const std::string& text, const Source& source) {
  if (const auto value = integer_of(digits, base)) return *value;
  throw core::ConfigError(fmt::format("the integer {} does not fit into 64 bits", text), source_text(source),
                          "Put it in quotes if it is meant as text.");
}

/// Digits in base 60, as YAML 1.1 reads times: 1:30 is 90.
std::int64_t sexagesimal(const std::string& text) {
  std::int64_t value = 0;
  std::int64_t part = 0;
  for (const char c : text) {
    if (c == ':') {
      value = (value + part) * 60;
      part = 0;
    } else if (std::isdigit(static_cast<unsigned char>(c))) {
      part = part * 10 + (c - '0');
    }
  }
  return text[0] == '-' ? -(value + part) : value + part;
}

/// Reads a text from left to right; std::regex is too heavy for so little.
class Scanner {
 public:
  explicit Scanner(const std::string& text) : text_(text) {}

  bool at_end() const { return position_ == text_.size(); }

  bool one_of(std::string_view characters) {
    if (at_end() || characters.find(text_[position_]) == std::string_view::npos) return false;
    ++position_;
    return true;
  }

  /// How many characters of the set follow.
  std::size_t run_of(std::string_view characters) {
    const std::size_t begin = position_;
    while (one_of(characters)) {
    }
    return position_ - begin;
  }

  /// Digits with single underscores between them: 1_000.
  bool grouped_digits() {
    if (!one_of(kDigits)) return false;
    while (!at_end()) {
      const std::size_t before = position_;
      one_of("_");
      if (!one_of(kDigits)) {
        position_ = before;
        break;
      }
    }
    return true;
  }

  /// 0, or digits without a leading zero.
  bool grouped_integer() { return one_of("0") || (!at_end() && text_[position_] != '0' && grouped_digits()); }

  static constexpr std::string_view kDigits = "0123456789";

 private:
  const std::string& text_;
  std::size_t position_ = 0;
};

bool is_yaml_decimal(const std::string& text) {
  Scanner scan(text);
  scan.one_of("+-");
  if (scan.one_of("0")) return scan.at_end();
  return scan.one_of("123456789") && (scan.run_of("0123456789_"), scan.at_end());
}

/// A number with a prefix such as 0x.
bool is_yaml_prefixed(const std::string& text, std::string_view prefix, std::string_view digits) {
  Scanner scan(text);
  scan.one_of("+-");
  for (const char c : prefix) {
    if (!scan.one_of({&c, 1})) return false;
  }
  return scan.run_of(digits) > 0 && scan.at_end();
}

bool is_yaml_sexagesimal(const std::string& text) {
  constexpr std::size_t kLongest = 16;  // beyond, it is no time and might not fit into 64 bits
  Scanner scan(text);
  scan.one_of("+-");
  if (text.size() > kLongest || !scan.one_of("123456789")) return false;
  scan.run_of("0123456789_");
  int num_parts = 0;
  for (; scan.one_of(":"); ++num_parts) {
    const bool may_have_two = scan.one_of("012345");
    if (!scan.one_of(Scanner::kDigits) && !may_have_two) return false;
  }
  return num_parts > 0 && scan.at_end();
}

bool is_yaml_float(const std::string& text) {
  Scanner scan(text);
  if (scan.one_of(".")) {
    if (!scan.grouped_digits()) return false;
    if (scan.one_of("eE")) return scan.one_of("+-") && scan.run_of(Scanner::kDigits) > 0 && scan.at_end();
    return scan.at_end();
  }
  scan.one_of("+-");
  if (!scan.grouped_digits()) return false;
  const bool has_point = scan.one_of(".");
  if (has_point) scan.run_of("0123456789_");
  if (scan.one_of("eE")) {
    scan.one_of("+-");
    return scan.run_of(Scanner::kDigits) > 0 && scan.at_end();
  }
  return has_point && scan.at_end();
}

bool is_override_integer(const std::string& text) {
  Scanner scan(text);
  scan.one_of("+-");
  return scan.grouped_integer() && scan.at_end();
}

bool is_override_float(const std::string& text) {
  Scanner scan(text);
  scan.one_of("+-");
  const bool has_integer = scan.grouped_integer();
  const bool has_point = scan.one_of(".");
  const bool has_fraction = has_point && scan.grouped_digits();
  if (!has_integer && !has_fraction) return false;
  if (scan.one_of("eE")) {
    scan.one_of("+-");
    return scan.grouped_digits() && scan.at_end();
  }
  return has_point && scan.at_end();
}

/// Without the sign, in lower case.
std::string unsigned_word(const std::string& text) {
  const std::string small = lower(text);
  return small.starts_with('+') || small.starts_with('-') ? small.substr(1) : small;
}

double infinity_like(const std::string& text) {
  const double infinity = std::numeric_limits<double>::infinity();
  return text[0] == '-' ? -infinity : infinity;
}

}  // namespace

PlainScalar read_plain_yaml(const std::string& text, const Source& source) {
  if (text.empty() || text == "~" || is_word(text, {"null"})) return {};
  if (is_word(text, {"true"})) return {true, ""};
  if (is_word(text, {"false"})) return {false, ""};
  if (is_word(text, {"yes", "no", "on", "off"})) {
    const bool value = is_word(text, {"yes", "on"});
    return {value, fmt::format("{} is read as {}; write {} for the boolean, or '{}' in quotes for the word", text,
                               value, value, text)};
  }
  const unsigned char first = text[0];
  if (!std::isdigit(first) && first != '+' && first != '-' && first != '.') return {text, ""};
  const std::string digits = without_underscores(text);
  if (is_yaml_decimal(text)) return {integer_or_error(digits, 10, text, source), ""};
  if (is_yaml_prefixed(text, "0", "01234567_")) {
    const std::int64_t value = integer_or_error(digits, 8, text, source);
    return {value, fmt::format("{} is read as the octal number {}; put it in quotes for text", text, value)};
  }
  if (is_yaml_prefixed(text, "0x", "0123456789abcdefABCDEF_")) return {integer_or_error(digits, 16, text, source), ""};
  if (is_yaml_prefixed(text, "0b", "01_")) {
    std::string bits = digits;
    bits.erase(bits.find('b') - 1, 2);
    return {integer_or_error(bits, 2, text, source), ""};
  }
  if (is_yaml_sexagesimal(text)) {
    const std::int64_t value = sexagesimal(digits);
    return {value, fmt::format("{} is read as the number {} (base 60); put it in quotes for text", text, value)};
  }
  if (is_yaml_float(text)) return {std::strtod(digits.c_str(), nullptr), ""};
  const std::string magnitude = first == '+' || first == '-' ? text.substr(1) : text;
  if (magnitude == ".inf" || magnitude == ".Inf" || magnitude == ".INF") return {infinity_like(text), ""};
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return {std::numeric_limits<double>::quiet_NaN(), ""};
  return {text, ""};
}

Value read_plain_override(const std::string& text) {
  const std::string small = lower(text);
  if (small == "null") return {};
  if (small == "true") return true;
  if (small == "false") return false;
  const std::string digits = without_underscores(text);
  if (is_override_integer(text)) return integer_or_error(digits, 10, text, {"command line", 0});
  if (is_override_float(text)) return std::strtod(digits.c_str(), nullptr);
  if (unsigned_word(text) == "inf") return infinity_like(text);
  if (unsigned_word(text) == "nan") return std::numeric_limits<double>::quiet_NaN();
  return text;
}

bool reads_as_other_than_string(const std::string& text) {
  const std::string small = lower(text);
  for (const char* word : {"", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<"}) {
    if (small == word) return true;
  }
  const std::string word = unsigned_word(text);
  if (word == ".inf" || word == ".nan") return true;
  // Wider than any reader's numbers, bases and dates: quotes too many do no harm.
  Scanner scan(text);
  scan.one_of("+-");
  scan.one_of(".");
  if (!scan.one_of(Scanner::kDigits)) return false;
  scan.run_of("0123456789abcdefABCDEFxXoObB_.:+-tTzZ ");
  return scan.at_end();
}

}  // namespace normadd::config
