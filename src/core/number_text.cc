// SPDX-License-Identifier: Apache-2.0
#include "core/number_text.h"

#include <fmt/format.h>

#include <cmath>

namespace normadd::core {

std::string shortest_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return fmt::format("{}", value);
}

std::string yaml_float_text(double value) {
  if (std::isnan(value)) return ".nan";
  if (std::isinf(value)) return value > 0 ? ".inf" : "-.inf";
  std::string text = fmt::format("{}", value);
  const auto exponent = text.find('e');
  const std::string mantissa = text.substr(0, exponent);
  const bool dotted = mantissa.find('.') != std::string::npos;
  if (exponent == std::string::npos) return dotted ? text : text + ".0";
  return (dotted ? mantissa : mantissa + ".0") + text.substr(exponent);
}

}  // namespace normadd::core
