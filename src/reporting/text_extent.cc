// SPDX-License-Identifier: Apache-2.0
#include "reporting/text_extent.h"

#include <cstddef>

#include "reporting/display_width.h"

namespace normadd::reporting {
namespace {

/// Of the letters from space to tilde, in thousandths of the size.
constexpr int kWidths[] = {278,  278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
                           556,  556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
                           1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
                           667,  778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
                           333,  556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
                           556,  556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584};
constexpr int kOtherWidth = 650;
constexpr std::string_view kEllipsis = "\u2026", kReplacement = "\ufffd";

/// Length of the UTF-8 letter at the beginning; 0 when there is none.
std::size_t letter_size(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t size = first < 0x80                    ? 1
                           : first >= 0xc2 && first < 0xe0 ? 2
                           : first >= 0xe0 && first < 0xf0 ? 3
                           : first >= 0xf0 && first < 0xf5 ? 4
                                                           : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  return size;
}

double letter_width(std::string_view letter) {
  const auto first = static_cast<unsigned char>(letter[0]);
  if (letter.size() == 1 && first >= ' ' && first <= '~') return kWidths[first - ' '] / 1000.0;
  return kOtherWidth / 1000.0 * static_cast<double>(display_width(letter));
}

}  // namespace

double text_width_pt(std::string_view text, double size_pt) {
  double width = 0;
  while (!text.empty()) {
    const std::size_t size = letter_size(text);
    width += size == 0 ? kOtherWidth / 1000.0 : letter_width(text.substr(0, size));
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return width * size_pt;
}

std::string shortened(std::string_view text, double width_pt, double size_pt) {
  std::string whole, short_one;
  const double room = width_pt - text_width_pt(kEllipsis, size_pt);
  double width = 0;
  while (!text.empty()) {
    const std::size_t size = letter_size(text);
    const std::string_view letter = size == 0 ? kReplacement : text.substr(0, size);
    width += letter_width(letter) * size_pt;
    whole += letter;
    if (width <= room) short_one = whole;
    if (width > width_pt) return short_one + std::string(kEllipsis);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return whole;
}

}  // namespace normadd::reporting
