// SPDX-License-Identifier: Apache-2.0
// ROC and precision-recall curves of image scores, and their means, whose areas are the metrics of metrics.csv.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace normadd::reporting {

struct Curve {
  std::vector<double> x, y;
  bool empty() const { return x.empty(); }
};

/// False positive rate and true positive rate, from (0, 0) to (1, 1); equal scores make one slanted piece, so that the
/// area under the straight pieces is metrics::image_auroc. Empty when one class is missing.
Curve roc_curve(std::span<const double> scores, std::span<const std::uint8_t> labels);

/// Recall and precision as steps: at a recall, the precision of the threshold that reaches it, held from the recall
/// before; the area under the steps is metrics::average_precision. Points are (recall before, precision), and a last
/// one at the recall 1. Empty when one class is missing.
Curve precision_recall_curve(std::span<const double> scores, std::span<const std::uint8_t> labels);

/// Mean of y over curves of straight pieces, at every x where one of them bends (twice where one jumps): its area is
/// the mean of their areas. Empty curves are left out. All others begin and end at the same x.
Curve mean_of_lines(const std::vector<Curve>& curves);
/// The same for curves of steps.
Curve mean_of_steps(const std::vector<Curve>& curves);

/// Area under straight pieces, and under steps.
double area_under_lines(const Curve& curve);
double area_under_steps(const Curve& curve);

}  // namespace normadd::reporting
