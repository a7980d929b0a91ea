// SPDX-License-Identifier: Apache-2.0
// Fusion rules: A and A_sup become A_final.
// Source: arXiv 2407.19849: A_final = A * (1 - A_sup), image score = max A_final. The other rules are ablations.
#pragma once

#include <string>
#include <vector>

#include "config/options.h"
#include "imaging/image.h"

namespace normadd::normality {

struct FusionOptions {
  std::string rule = "product";  // none | product | power | threshold | subtract
  double lambda = 1.0;           // product: A(1 - lambda A_sup); subtract: max(A - lambda s A_sup, 0)
  double gamma = 1.0;            // power: A(1 - A_sup)^gamma
  double threshold = 0.5;        // threshold: A = 0 where A_sup > threshold
  void describe(config::Options& options);
};

/// Pure; both maps must have the same size (InternalError otherwise). scale is the detector's score scale on fit data,
/// used by subtract only.
imaging::Map fuse(const imaging::Map& anomaly, const imaging::Map& suppression, const FusionOptions& options,
                  double scale);

double map_maximum(const imaging::Map& map);

}  // namespace normadd::normality
