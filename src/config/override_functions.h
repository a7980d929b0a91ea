// SPDX-License-Identifier: Apache-2.0
// What the functions of overrides stand for: choice, range, glob, sort, shuffle, tag, and the casts int, float, str,
// bool, json. Source: Hydra 1.3, hydra/core/override_parser/overrides_visitor.py, grammar_functions in
// hydra/_internal/grammar; types.py (RangeSweep counts floats in decimal, so that 0.1 steps stay exact).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/override_grammar.h"
#include "config/value.h"

namespace normadd::config {

struct EvaluatedValues {
  std::vector<Value> values;
  bool is_sweep = false;  // several jobs, or one that was asked for as a sweep: choice(a)
};

/// options: the names that glob() chooses from; may throw when there is no such group. Throws ConfigError naming the
/// override: unknown functions (nearest name), wrong arguments, an empty sweep, interval() (which only searches
/// understand). shuffle() is the same at every call: it draws by its argument seed, 0 unless given.
EvaluatedValues evaluate(const Override& override, const std::function<std::vector<std::string>()>& options);

}  // namespace normadd::config
