// SPDX-License-Identifier: Apache-2.0
#include "imaging/png_size.h"

#include <array>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string_view>

namespace normadd::imaging {

std::optional<Size> png_size(const std::filesystem::path& path) {
  std::array<char, 24> bytes{};
  std::ifstream file(path, std::ios::binary);
  if (!file.read(bytes.data(), bytes.size())) return std::nullopt;
  constexpr std::string_view kSignature("\x89PNG\r\n\x1a\n", 8);
  const std::string_view start(bytes.data(), bytes.size());
  if (start.substr(0, 8) != kSignature || start.substr(12, 4) != "IHDR") return std::nullopt;
  const auto number_at = [&](std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
    return number;
  };
  const std::uint32_t width = number_at(16), height = number_at(20);
  constexpr auto kLargest = static_cast<std::uint32_t>(std::numeric_limits<int>::max());
  if (width == 0 || height == 0 || width > kLargest || height > kLargest) return std::nullopt;
  Size size;
  size.width = static_cast<int>(width);
  size.height = static_cast<int>(height);
  return size;
}

}  // namespace normadd::imaging
