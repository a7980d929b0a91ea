// SPDX-License-Identifier: Apache-2.0
// Small anti-aliased text for figures: ASCII in one stroke font; other characters appear as question marks.
#pragma once

#include <string>

#include "imaging/image.h"
#include "imaging/overlay.h"

namespace normadd::imaging {

struct TextStyle {
  /// From the top of capitals to the base line, in pixels, >= 5.
  double capital_px = 10;
  Colour ink = {};
  Colour paper = {255, 255, 255};
  bool bold = false;
};

/// The text on its paper, just large enough: capital_px x 1.2 above and x 0.5 below the base line. A part in braces
/// after an underscore is lowered and smaller: "A_{sup}".
Image text_image(const std::string& text, const TextStyle& style);

/// The same, smaller where needed so that it is at most width_px wide.
Image text_image_within(const std::string& text, TextStyle style, int width_px);

/// Turned by a quarter to the left: reads from bottom to top.
Image turned_left(const Image& image);

}  // namespace normadd::imaging
