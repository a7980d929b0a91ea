// SPDX-License-Identifier: Apache-2.0
#include "metrics/s_auroc.h"

#include <cstdint>
#include <vector>

#include "metrics/roc.h"

namespace normadd::metrics {

double s_auroc(std::span<const double> before, std::span<const double> after) {
  std::vector<double> scores(before.begin(), before.end());
  scores.insert(scores.end(), after.begin(), after.end());
  std::vector<std::uint8_t> labels(scores.size(), 0);
  std::fill_n(labels.begin(), before.size(), std::uint8_t{1});
  return image_auroc(scores, labels);
}

}  // namespace normadd::metrics
