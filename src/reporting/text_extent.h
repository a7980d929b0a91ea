// SPDX-License-Identifier: Apache-2.0
// How much room a text takes on paper, without a font at hand.
#pragma once

#include <string>
#include <string_view>

namespace normadd::reporting {

/// Width in Helvetica (Arial has the same) at the given size; letters beyond ASCII by display width, rather too wide.
double text_width_pt(std::string_view text, double size_pt);

/// text, or its beginning and an ellipsis, at most that wide. Bytes that are no UTF-8 become U+FFFD.
std::string shortened(std::string_view text, double width_pt, double size_pt);

}  // namespace normadd::reporting
