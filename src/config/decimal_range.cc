// SPDX-License-Identifier: Apache-2.0
#include "config/decimal_range.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

#include "core/number_text.h"

namespace normadd::config {
namespace {

/// digits * 10^exponent.
struct Decimal {
  __int128 digits = 0;
  int exponent = 0;
};

constexpr int kMostDigits = 36;

std::optional<Decimal> decimal_of(const Value& value) {
  const double number = value.as_float();
  if (!std::isfinite(number)) return std::nullopt;
  const std::string text = value.is_integer() ? std::to_string(value.as_integer()) : core::shortest_text(number);
  Decimal decimal;
  bool is_negative = false, is_fraction = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '-') {
      is_negative = true;
    } else if (c == '.') {
      is_fraction = true;
    } else if (c == 'e' || c == 'E') {
      decimal.exponent += std::atoi(text.c_str() + i + 1);
      break;
    } else if (c >= '0' && c <= '9') {
      decimal.digits = decimal.digits * 10 + (c - '0');
      if (is_fraction) --decimal.exponent;
    }
  }
  if (is_negative) decimal.digits = -decimal.digits;
  return decimal;
}

/// At a smaller exponent; nothing when it does not fit.
std::optional<__int128> scaled(Decimal decimal, int exponent) {
  if (decimal.digits == 0) return 0;
  if (decimal.exponent - exponent > kMostDigits - 18) return std::nullopt;
  for (; decimal.exponent > exponent; --decimal.exponent) decimal.digits *= 10;
  return decimal.digits;
}

double double_of(__int128 digits, int exponent) {
  std::string text;
  const bool is_negative = digits < 0;
  for (__int128 rest = is_negative ? -digits : digits; rest > 0; rest /= 10) {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  }
  if (text.empty()) return 0.0;
  text = (is_negative ? "-" : "") + text + "e" + std::to_string(exponent);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::optional<std::vector<Value>> decimal_range(const Value& start, const Value& stop, const Value& step) {
  const auto from = decimal_of(start), to = decimal_of(stop), by = decimal_of(step);
  if (!from || !to || !by || by->digits == 0) return std::nullopt;
  const int exponent = std::min({from->exponent, to->exponent, by->exponent});
  const auto first = scaled(*from, exponent), last = scaled(*to, exponent), stride = scaled(*by, exponent);
  if (!first || !last || !stride) return std::nullopt;
  const bool are_integers = start.is_integer() && stop.is_integer() && step.is_integer();
  std::vector<Value> values;
  for (__int128 now = *first; *stride > 0 ? now < *last : now > *last; now += *stride) {
    if (are_integers) {
      values.emplace_back(static_cast<std::int64_t>(now));
    } else {
      values.emplace_back(double_of(now, exponent));
    }
    constexpr std::size_t kMostValues = 1000000;
    if (values.size() > kMostValues) return std::nullopt;
  }
  return values;
}

}  // namespace normadd::config
