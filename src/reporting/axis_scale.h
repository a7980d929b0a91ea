// SPDX-License-Identifier: Apache-2.0
// The numbers along an axis: its ends, its round ticks and their texts.
#pragma once

#include <string>
#include <vector>

namespace normadd::reporting {

/// Round numbers (1, 2 or 5 times a power of ten) within [low, high], about count of them; at least one step apart.
std::vector<double> round_ticks(double low, double high, int count);

/// Texts with equally many decimals, as few as tell the ticks apart; a true minus sign.
std::vector<std::string> tick_texts(const std::vector<double>& ticks);

struct Range {
  double low, high;
  Range();  // empty
  Range(double from, double to) : low(from), high(to) {}
  /// What is not finite is left out.
  void add(double value);
  bool empty() const { return low > high; }
  /// A range that can be drawn: never empty, never of length zero.
  Range drawable() const;
  /// Widened on both sides by that share of its length.
  Range widened(double share) const;
};

}  // namespace normadd::reporting
