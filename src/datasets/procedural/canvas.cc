// SPDX-License-Identifier: Apache-2.0
#include "datasets/procedural/canvas.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace normadd::datasets {

Color operator*(const Color& color, float factor) { return {color.r * factor, color.g * factor, color.b * factor}; }
Color operator+(const Color& a, const Color& b) { return {a.r + b.r, a.g + b.g, a.b + b.b}; }
Color mix(const Color& a, const Color& b, float amount) {
  return {std::lerp(a.r, b.r, amount), std::lerp(a.g, b.g, amount), std::lerp(a.b, b.b, amount)};
}

Color from_hsv(float hue, float saturation, float value) {
  const auto channel = [&](float offset) {
    const float position = (hue + offset) - std::floor(hue + offset);
    const float ramp = std::clamp(std::abs(position * 6.0f - 3.0f) - 1.0f, 0.0f, 1.0f);
    return value * (1.0f - saturation * (1.0f - ramp));
  };
  return {channel(0.0f), channel(2.0f / 3.0f), channel(1.0f / 3.0f)};
}

float luminance(const Color& color) { return 0.299f * color.r + 0.587f * color.g + 0.114f * color.b; }

Color turn_hue(const Color& color, float turns, float minimum_chroma) {
  const float y = luminance(color);
  // Chroma as two coordinates orthogonal to luminance; the scales make their length comparable to the RGB range.
  float blue = (color.b - y) * 0.565f, red = (color.r - y) * 0.713f;
  const float chroma = std::sqrt(blue * blue + red * red);
  if (chroma < minimum_chroma) {
    const float factor = chroma > 1e-4f ? minimum_chroma / chroma : 0.0f;
    blue = factor > 0 ? blue * factor : minimum_chroma;
    red *= factor;
  }
  const float angle = turns * 2.0f * std::numbers::pi_v<float>;
  const float turned_blue = std::cos(angle) * blue - std::sin(angle) * red;
  const float turned_red = std::sin(angle) * blue + std::cos(angle) * red;
  const float r = y + turned_red / 0.713f, b = y + turned_blue / 0.565f;
  return {r, (y - 0.299f * r - 0.114f * b) / 0.587f, b};
}

float smooth_step(float low, float high, float x) {
  const float t = std::clamp((x - low) / (high - low), 0.0f, 1.0f);
  return t * t * (3.0f - 2.0f * t);
}

Frame Frame::random(core::RandomStream& random, float most_turns, float most_shift) {
  const float angle = draw(random, -most_turns, most_turns) * 2.0f * std::numbers::pi_v<float>;
  return {std::cos(angle), std::sin(angle), draw(random, -most_shift, most_shift),
          draw(random, -most_shift, most_shift)};
}

imaging::Image Canvas::photographed(core::RandomStream& random) const {
  const float gain = draw(random, 0.92, 1.08);
  const float slope = draw(random, 0.0, 0.10), direction = draw(random, 0.0, 2.0 * std::numbers::pi);
  const float slope_u = slope * std::cos(direction), slope_v = slope * std::sin(direction);
  const Color tint{draw(random, 0.98, 1.02), draw(random, 0.98, 1.02), draw(random, 0.98, 1.02)};
  const float grain = draw(random, 0.008, 0.018);
  imaging::Image image(side_, side_, 3);
  const auto to_byte = [](float value) {
    return static_cast<std::uint8_t>(std::clamp(value * 255.0f + 0.5f, 0.0f, 255.0f));
  };
  for (int y = 0; y < side_; ++y) {
    for (int x = 0; x < side_; ++x) {
      const float u = (static_cast<float>(x) + 0.5f) / static_cast<float>(side_) - 0.5f;
      const float v = (static_cast<float>(y) + 0.5f) / static_cast<float>(side_) - 0.5f;
      const float light = gain * (1.0f + 2.0f * (slope_u * u + slope_v * v));
      // Four uniforms from one draw: their sum is nearly normal and costs a third of Box-Muller.
      const std::uint64_t bits = random.bits();
      const float sum =
          static_cast<float>((bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48));
      const float noise = grain * (sum / 65536.0f - 2.0f) * 1.732f;
      const Color& color = at(y, x);
      std::uint8_t* pixel = image.row(y) + static_cast<std::size_t>(x) * 3;
      pixel[0] = to_byte(color.r * light * tint.r + noise);
      pixel[1] = to_byte(color.g * light * tint.g + noise);
      pixel[2] = to_byte(color.b * light * tint.b + noise);
    }
  }
  return image;
}

}  // namespace normadd::datasets
