// SPDX-License-Identifier: Apache-2.0
// File names may hold any bytes; what is written as text holds UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace normadd::core {

/// text with U+FFFD in place of every byte that is not part of a valid UTF-8 sequence.
std::string valid_utf8(std::string_view text);

}  // namespace normadd::core
