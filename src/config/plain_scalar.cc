// SPDX-License-Identifier: Apache-2.0
#include "config/plain_scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <regex>

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

// The patterns are matched against words of file and command line only, so their cost does not matter.
const std::regex kDecimal("[-+]?(0|[1-9][0-9_]*)");
const std::regex kOctal("[-+]?0[0-7_]+");
const std::regex kBinary("[-+]?0b[0-1_]+");
const std::regex kHexadecimal("[-+]?0x[0-9a-fA-F_]+");
const std::regex kSexagesimal("[-+]?[1-9][0-9_]{0,9}(:[0-5]?[0-9]){1,3}");
const std::regex kYamlFloat(
    R"([-+]?[0-9]+(_[0-9]+)*\.[0-9_]*([eE][-+]?[0-9]+)?|[-+]?[0-9]+(_[0-9]+)*[eE][-+]?[0-9]+|\.[0-9]+(_[0-9]+)*([eE][-+][0-9]+)?)");
const std::regex kYamlInfinity(R"([-+]?\.(inf|Inf|INF))");
const std::regex kYamlNotANumber(R"(\.(nan|NaN|NAN))");
const std::regex kOverrideInteger("[-+]?(0|[1-9](_?[0-9])*)");
const std::regex kOverrideFloat(
    R"([-+]?((0|[1-9](_?[0-9])*)\.|(0|[1-9](_?[0-9])*)?\.[0-9](_?[0-9])*|((0|[1-9](_?[0-9])*)\.?|(0|[1-9](_?[0-9])*)?\.[0-9](_?[0-9])*)[eE][-+]?[0-9](_?[0-9])*))");
const std::regex kOverrideInfinity("[-+]?inf", std::regex::icase);
const std::regex kOverrideNotANumber("[-+]?nan", std::regex::icase);
const std::regex kNumberOrDate(R"([-+]?\.?[0-9][0-9a-fA-FxXoObB_.:+\-]*([Tt ][0-9: .+\-Zz]+)?|[-+]?\.(inf|nan))",
                               std::regex::icase);

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
  if (std::regex_match(text, kDecimal)) return {integer_or_error(digits, 10, text, source), ""};
  if (std::regex_match(text, kOctal)) {
    const std::int64_t value = integer_or_error(digits, 8, text, source);
    return {value, fmt::format("{} is read as the octal number {}; put it in quotes for text", text, value)};
  }
  if (std::regex_match(text, kHexadecimal)) return {integer_or_error(digits, 16, text, source), ""};
  if (std::regex_match(text, kBinary)) {
    std::string bits = digits;
    bits.erase(bits.find('b') - 1, 2);
    return {integer_or_error(bits, 2, text, source), ""};
  }
  if (std::regex_match(text, kSexagesimal)) {
    const std::int64_t value = sexagesimal(digits);
    return {value, fmt::format("{} is read as the number {} (base 60); put it in quotes for text", text, value)};
  }
  if (std::regex_match(text, kYamlFloat)) return {std::strtod(digits.c_str(), nullptr), ""};
  if (std::regex_match(text, kYamlInfinity)) return {infinity_like(text), ""};
  if (std::regex_match(text, kYamlNotANumber)) return {std::numeric_limits<double>::quiet_NaN(), ""};
  return {text, ""};
}

Value read_plain_override(const std::string& text) {
  const std::string small = lower(text);
  if (small == "null") return {};
  if (small == "true") return true;
  if (small == "false") return false;
  const std::string digits = without_underscores(text);
  if (std::regex_match(text, kOverrideInteger)) return integer_or_error(digits, 10, text, {"command line", 0});
  if (std::regex_match(text, kOverrideFloat)) return std::strtod(digits.c_str(), nullptr);
  if (std::regex_match(text, kOverrideInfinity)) return infinity_like(text);
  if (std::regex_match(text, kOverrideNotANumber)) return std::numeric_limits<double>::quiet_NaN();
  return text;
}

bool reads_as_other_than_string(const std::string& text) {
  const std::string small = lower(text);
  for (const char* word : {"", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<"}) {
    if (small == word) return true;
  }
  return std::regex_match(text, kNumberOrDate);
}

}  // namespace normadd::config
