// SPDX-License-Identifier: Apache-2.0
// The two means that tables print. Undefined values are left out; NaN when nothing is left.
#pragma once

#include <string>
#include <vector>

#include "reporting/run_metrics.h"

namespace normadd::reporting {

/// Every pair counts the same.
double pair_mean(const std::vector<CategoryNumbers>& pairs, const std::string& metric);
/// Every category counts the same: the mean of the categories' pair means.
double category_mean(const std::vector<CategoryNumbers>& pairs, const std::string& metric);
std::size_t num_categories(const std::vector<CategoryNumbers>& pairs);

}  // namespace normadd::reporting
