// SPDX-License-Identifier: Apache-2.0
// Best and second of each column, decided once for all views of a table.
#pragma once

#include "reporting/table.h"

namespace normadd::reporting {

/// Sets the rank of the cells of ranked columns, among the rows that compete (no means, is_ranked). Decided on what
/// people see: numbers whose texts are equal tie, and all of a tie are best or second. Undefined numbers have no rank;
/// nothing has where fewer than two numbers compete.
void mark_best(Table& table);

}  // namespace normadd::reporting
