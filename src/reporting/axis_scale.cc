// SPDX-License-Identifier: Apache-2.0
#include "reporting/axis_scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace normadd::reporting {

std::vector<double> round_ticks(double low, double high, int count) {
  const double rough = (high - low) / std::max(1, count);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double multiple : {1.0, 2.0, 5.0}) {
    if (multiple * power >= rough) {
      step = multiple * power;
      break;
    }
  }
  std::vector<double> ticks;
  // Counted in whole steps: adding them up would drift, and end with 0.30000000000000004.
  const double slack = 1e-9;
  // Adding zero turns -0 into 0.
  for (double i = std::ceil(low / step - slack) + 0.0; i <= high / step + slack; ++i) {
    ticks.push_back(step >= 1 ? i * step : i / std::round(1 / step));
  }
  return ticks;
}

std::vector<std::string> tick_texts(const std::vector<double>& ticks) {
  double largest = 0;
  for (const double tick : ticks) largest = std::max(largest, std::abs(tick));
  int decimals = 0;
  // Nine decimals are below what a tick of a readable axis can need.
  for (const double tick : ticks) {
    for (double scale = std::pow(10, decimals); decimals < 9 && std::abs(tick * scale - std::round(tick * scale)) >
                                                                    1e-6 * std::max(1.0, largest * scale * 1e-3);
         scale *= 10) {
      ++decimals;
    }
  }
  std::vector<std::string> texts;
  for (const double tick : ticks) {
    const bool scientific = largest >= 1e6 || (largest > 0 && largest < 1e-4);
    const std::string number =
        scientific ? fmt::format("{:.3g}", std::abs(tick)) : fmt::format("{:.{}f}", std::abs(tick), decimals);
    texts.push_back(fmt::format("{}{}", tick < 0 ? "\u2212" : "", number));
  }
  return texts;
}

Range::Range() : low(std::numeric_limits<double>::max()), high(std::numeric_limits<double>::lowest()) {}

void Range::add(double value) {
  if (!std::isfinite(value)) return;
  low = std::min(low, value);
  high = std::max(high, value);
}

Range Range::drawable() const {
  if (low > high) return {0, 1};
  if (low < high) return *this;
  const double room = low == 0 ? 1 : std::abs(low) * 0.5;
  return {low - room, high + room};
}

Range Range::widened(double share) const {
  const double more = share * (high - low);
  return {low - more, high + more};
}

}  // namespace normadd::reporting
