// SPDX-License-Identifier: Apache-2.0
#include "normality/fusion.h"

#include <algorithm>

#include "core/error.h"
#include "normality/fusion_rule.h"

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
  with_fusion_rule(options, scale, [&](const auto& rule) {
    for (std::size_t i = 0; i < fused.values.size(); ++i)
      fused.values[i] = rule(anomaly.values[i], suppression.values[i]);
  });
  return fused;
}

double map_maximum(const imaging::Map& map) {
  NORMADD_CHECK(!map.values.empty(), "empty map");
  return *std::max_element(map.values.begin(), map.values.end());
}

}  // namespace normadd::normality
