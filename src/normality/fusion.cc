// SPDX-License-Identifier: Apache-2.0
#include "normality/fusion.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace normadd::normality {

void FusionOptions::describe(config::Options& o) {
  o.field("rule", rule)
      .help("how A and A_sup become A_final")
      .one_of({"none", "product", "power", "threshold", "subtract"});
  o.field("lambda", lambda).help("strength; product: A(1 - lambda A_sup)").range(0, 1);
  o.field("gamma", gamma).help("power: A(1 - A_sup)^gamma").at_least(0);
  o.field("threshold", threshold).help("threshold: A = 0 where A_sup is larger").range(0, 1);
}

imaging::Map fuse(const imaging::Map& anomaly, const imaging::Map& suppression, const FusionOptions& options,
                  double scale) {
  NORMADD_CHECK(anomaly.size() == suppression.size(), "A and A_sup differ in size");
  imaging::Map fused = anomaly;
  const auto apply = [&](auto rule) {
    for (std::size_t i = 0; i < fused.values.size(); ++i)
      fused.values[i] = rule(anomaly.values[i], suppression.values[i]);
  };
  // Rounding in blurs and resampling can lift A_sup past 1 by a last bit: neither a negative A nor pow's NaN may
  // follow.
  if (options.rule == "product") {
    const auto lambda = static_cast<float>(options.lambda);
    apply([&](float a, float s) { return a * std::max(0.0f, 1.0f - lambda * s); });
  } else if (options.rule == "power") {
    const auto gamma = static_cast<float>(options.gamma);
    apply([&](float a, float s) { return a * std::pow(std::max(0.0f, 1.0f - s), gamma); });
  } else if (options.rule == "threshold") {
    const auto threshold = static_cast<float>(options.threshold);
    apply([&](float a, float s) { return s > threshold ? 0.0f : a; });
  } else if (options.rule == "subtract") {
    const auto step = static_cast<float>(options.lambda * scale);
    apply([&](float a, float s) { return std::max(0.0f, a - step * s); });
  } else {
    NORMADD_CHECK(options.rule == "none", options.rule);
  }
  return fused;
}

double map_maximum(const imaging::Map& map) {
  NORMADD_CHECK(!map.values.empty(), "empty map");
  return *std::max_element(map.values.begin(), map.values.end());
}

}  // namespace normadd::normality
