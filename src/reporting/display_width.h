// SPDX-License-Identifier: Apache-2.0
// How many terminal columns a UTF-8 text takes.
#pragma once

#include <cstddef>
#include <string_view>

namespace normadd::reporting {

/// Combining marks take no column, East Asian wide letters and emoji two, all others one. Bytes that are no UTF-8 count
/// as one each.
std::size_t display_width(std::string_view text);

}  // namespace normadd::reporting
