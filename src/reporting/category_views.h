// SPDX-License-Identifier: Apache-2.0
// The two tables that papers print most: category x metric for one method, and method x category for one metric.
#pragma once

#include <string>
#include <vector>

#include "reporting/methods.h"
#include "reporting/table.h"

namespace normadd::reporting {

/// Rows are categories, and their unweighted mean; columns the metrics of the original labels that were measured.
Table category_table(const Method& method);

/// Rows are methods (n: their seeds), columns categories and their unweighted mean, first or last. Best and second are
/// marked in each column; controls do not compete. In CSV the columns are the categories' names and "mean".
Table method_table(const std::vector<Method>& methods, const std::string& metric, bool mean_first);

}  // namespace normadd::reporting
