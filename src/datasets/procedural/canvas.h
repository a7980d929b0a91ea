// SPDX-License-Identifier: Apache-2.0
// A float picture that textures, objects and defects paint on before it becomes 8 bit.
// Lengths are in reference pixels: the picture is always 128 reference pixels wide and high, whatever its side.
#pragma once

#include <cstddef>
#include <vector>

#include "core/random.h"
#include "imaging/image.h"

namespace normadd::datasets {

constexpr float kReferenceSide = 128.0f;

/// Linear mix of red, green, blue in [0, 1] (values may leave the range until the end).
struct Color {
  float r = 0, g = 0, b = 0;
};

Color operator*(const Color& color, float factor);
Color operator+(const Color& a, const Color& b);
Color mix(const Color& a, const Color& b, float amount);
/// hue in turns (any real), saturation and value in [0, 1].
Color from_hsv(float hue, float saturation, float value);
float luminance(const Color& color);
/// Turns the hue by an angle in turns, keeping luminance; saturation is raised to at least minimum_chroma.
Color turn_hue(const Color& color, float turns, float minimum_chroma);
float smooth_step(float low, float high, float x);

class Canvas {
 public:
  explicit Canvas(int side) : side_(side), pixels_(static_cast<std::size_t>(side) * side) {}
  int side() const { return side_; }
  Color& at(int y, int x) { return pixels_[static_cast<std::size_t>(y) * side_ + x]; }
  const Color& at(int y, int x) const { return pixels_[static_cast<std::size_t>(y) * side_ + x]; }
  /// Reference pixels per picture pixel.
  float unit() const { return kReferenceSide / static_cast<float>(side_); }

  /// paint(u, v) gives the colour at the pixel's centre in reference pixels.
  template <typename Paint>
  void fill(Paint paint) {
    for (int y = 0; y < side_; ++y) {
      for (int x = 0; x < side_; ++x)
        at(y, x) = paint((static_cast<float>(x) + 0.5f) * unit(), (static_cast<float>(y) + 0.5f) * unit());
    }
  }

  /// Camera: gain, lighting gradient, slight tint, noise, 8 bits. All drawn from random.
  imaging::Image photographed(core::RandomStream& random) const;

 private:
  int side_;
  std::vector<Color> pixels_;
};

/// A rotated and shifted coordinate frame around the picture's centre.
struct Frame {
  float cosine = 1, sine = 0, shift_u = 0, shift_v = 0;
  static Frame random(core::RandomStream& random, float most_turns, float most_shift);
  /// Picture position to frame position, both in reference pixels; the frame's origin is the picture's centre.
  float u(float x, float y) const { return cosine * (x - 64.0f - shift_u) + sine * (y - 64.0f - shift_v); }
  float v(float x, float y) const { return -sine * (x - 64.0f - shift_u) + cosine * (y - 64.0f - shift_v); }
};

/// Uniform float in [low, high).
inline float draw(core::RandomStream& random, double low, double high) {
  return static_cast<float>(random.uniform(low, high));
}
inline std::uint32_t draw_seed(core::RandomStream& random) { return static_cast<std::uint32_t>(random.bits() >> 32); }

/// What one component of a colour is drawn from; a single number is taken without drawing.
struct Range {
  Range(double low, double high) : low(low), high(high) {}
  Range(float value) : low(value), high(value) {}
  float draw_from(core::RandomStream& random) const {
    return low == high ? static_cast<float>(low) : draw(random, low, high);
  }
  double low, high;
};

/// from_hsv of drawn components. Never draw twice among the arguments of one call: compilers order them as they like,
/// and the picture would depend on it.
inline Color draw_color(core::RandomStream& random, const Range& hue, const Range& saturation, const Range& value) {
  const float v = value.draw_from(random), s = saturation.draw_from(random);
  return from_hsv(hue.draw_from(random), s, v);
}

}  // namespace normadd::datasets
