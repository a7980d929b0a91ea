// SPDX-License-Identifier: Apache-2.0
// The rules pixel by pixel: one place for maps and for scores, so that both have the same bits.
#pragma once

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "normality/fusion.h"

namespace normadd::normality {

/// Calls use(f) with f(a, a_sup) = the fused value, as a type of its own that the compiler can unroll.
/// Rounding in blurs and resampling can lift A_sup past 1 by a last bit: neither a negative A nor pow's NaN may follow.
template <typename Use>
auto with_fusion_rule(const FusionOptions& options, double scale, const Use& use) {
  if (options.rule == "product") {
    const auto lambda = static_cast<float>(options.lambda);
    return use([lambda](float a, float s) { return a * std::max(0.0f, 1.0f - lambda * s); });
  }
  if (options.rule == "power") {
    const auto gamma = static_cast<float>(options.gamma);
    return use([gamma](float a, float s) { return a * std::pow(std::max(0.0f, 1.0f - s), gamma); });
  }
  if (options.rule == "threshold") {
    const auto threshold = static_cast<float>(options.threshold);
    return use([threshold](float a, float s) { return s > threshold ? 0.0f : a; });
  }
  if (options.rule == "subtract") {
    const auto step = static_cast<float>(options.lambda * scale);
    return use([step](float a, float s) { return std::max(0.0f, a - step * s); });
  }
  NORMADD_CHECK(options.rule == "none", options.rule);
  return use([](float a, float) { return a; });
}

}  // namespace normadd::normality
