// SPDX-License-Identifier: Apache-2.0
#include "reporting/display_width.h"

#include <cstdint>

namespace normadd::reporting {
namespace {

struct Range {
  std::uint32_t first, last;
};

// The blocks that occur in names and texts; Unicode's full tables are not worth their size here.
constexpr Range kMarks[] = {{0x300, 0x36f}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
constexpr Range kWide[] = {{0x1100, 0x115f},   {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},  {0xf900, 0xfaff},
                           {0xfe30, 0xfe4f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f},
                           {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd}};

template <std::size_t N>
bool lies_in(std::uint32_t letter, const Range (&ranges)[N]) {
  for (const auto& range : ranges) {
    if (letter >= range.first && letter <= range.last) return true;
  }
  return false;
}

/// Reads one letter and moves at behind it.
std::uint32_t next_letter(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  const int following = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : 0;
  if (following == 0 || at + following > text.size()) return lead;
  std::uint32_t letter = lead & (0x3f >> following);
  for (int i = 0; i < following; ++i) {
    const auto byte = static_cast<unsigned char>(text[at + i]);
    if ((byte & 0xc0) != 0x80) return lead;
    letter = letter << 6 | (byte & 0x3f);
  }
  at += following;
  return letter;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t letter = next_letter(text, at);
    if (!lies_in(letter, kMarks)) width += lies_in(letter, kWide) ? 2 : 1;
  }
  return width;
}

}  // namespace normadd::reporting
