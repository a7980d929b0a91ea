// SPDX-License-Identifier: Apache-2.0
// The two means that tables print. Undefined values are left out; NaN when nothing is left.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "reporting/run_metrics.h"

namespace normadd::reporting {

/// Every pair counts the same.
double pair_mean(const std::vector<CategoryNumbers>& pairs, const std::string& metric);
/// Every category counts the same: the mean of the categories' pair means.
double category_mean(const std::vector<CategoryNumbers>& pairs, const std::string& metric);
/// Over seeds: mean, and standard deviation of a sample (n - 1), which a single value does not have. Undefined values
/// are left out.
struct SeedSpread {
  double mean = std::numeric_limits<double>::quiet_NaN();
  double deviation = std::numeric_limits<double>::quiet_NaN();
};
SeedSpread seed_spread(const std::vector<double>& values);
std::size_t num_categories(const std::vector<CategoryNumbers>& pairs);

}  // namespace normadd::reporting
