// SPDX-License-Identifier: Apache-2.0
// Ranges of numbers as people write them: range(0, 1, 0.1) has ten values and the fourth is 0.3, not
// 0.30000000000000004. Source: Hydra 1.3, hydra/core/override_parser/types.py, FloatRange (decimal arithmetic on the
// shortest texts).
#pragma once

#include <optional>
#include <vector>

#include "config/value.h"

namespace normadd::config {

/// start, start + step, ... before stop. Integers give integers; one float among the three makes all floats. Nothing
/// when the step is 0, or a number is not finite or has too many digits.
std::optional<std::vector<Value>> decimal_range(const Value& start, const Value& stop, const Value& step);

}  // namespace normadd::config
