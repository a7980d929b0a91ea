// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "datasets/procedural/categories.h"
#include "datasets/procedural/noise.h"

namespace normadd::datasets {
namespace {

constexpr float kTau = 2.0f * std::numbers::pi_v<float>;

Color background(core::RandomStream& fixed) { return draw_color(fixed, {0.0, 1.0}, {0.0, 0.2}, {0.15, 0.9}); }

/// A background whose brightness keeps its distance from the object's, so that the outline can be seen.
Color background_beside(core::RandomStream& fixed, const Color& object) {
  Color color = background(fixed);
  const float tone = luminance(object);
  const float wanted = tone > 0.5f ? draw(fixed, 0.08, 0.3) : draw(fixed, 0.75, 0.92);
  return std::abs(luminance(color) - tone) < 0.25f ? Color{wanted, wanted, wanted} : color;
}

/// inside(u, v): signed distance in reference pixels, positive inside; paint(u, v, distance): the object's colour.
template <typename Inside, typename Paint>
void place_object(Scene& scene, const Frame& frame, const Color& back, std::uint32_t seed, Inside inside, Paint paint) {
  const float unit = scene.canvas.unit();
  for (int y = 0; y < scene.canvas.side(); ++y) {
    for (int x = 0; x < scene.canvas.side(); ++x) {
      const float px = (static_cast<float>(x) + 0.5f) * unit, py = (static_cast<float>(y) + 0.5f) * unit;
      const float u = frame.u(px, py), v = frame.v(px, py);
      const float distance = inside(u, v);
      const Color paper = back * (1.0f + 0.10f * (fractal_noise(seed + 77, px * 0.06f, py * 0.06f, 3) - 0.5f) -
                                  0.25f * std::exp(-distance * distance / 60.0f) * (distance < 0 ? 1.0f : 0.0f));
      const float cover = smooth_step(-0.6f, 0.6f, distance);
      scene.canvas.at(y, x) = cover > 0 ? mix(paper, paint(u, v, distance), cover) : paper;
      scene.object.row(y)[x] = distance > 0 ? 1 : 0;
    }
  }
}

/// Brightens towards the upper left edge and darkens towards the lower right one: a rounded solid.
float roundness(float u, float v, float distance, float depth) {
  const float rim = smooth_step(depth, 0.0f, distance);
  const float radius = std::sqrt(u * u + v * v) + 1e-3f;
  return 1.0f - 0.22f * rim * (0.6f + 0.4f * (u + v) / (radius * 1.414f));
}

float hexagon(float u, float v, float radius) {
  u = std::abs(u);
  v = std::abs(v);
  return radius - std::max(u * 0.866025f + v * 0.5f, v);
}

float stadium(float u, float v, float half_length, float radius) {
  const float along = std::max(std::abs(u) - half_length, 0.0f);
  return radius - std::sqrt(along * along + v * v);
}

}  // namespace

void paint_nut(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color base = draw_color(fixed, {0.0, 1.0}, {0.02, 0.25}, {0.45, 0.75});
  const float radius = draw(fixed, 36.0, 46.0), hole = radius * draw(fixed, 0.36, 0.5);
  const Color back = background_beside(fixed, base);
  const Frame frame = Frame::random(instance, 0.5f, 5.0f);
  const std::uint32_t seed = draw_seed(instance);
  place_object(
      scene, frame, back, seed,
      [&](float u, float v) { return std::min(hexagon(u, v, radius), std::sqrt(u * u + v * v) - hole); },
      [&](float u, float v, float distance) {
        const float ring = std::sqrt(u * u + v * v);
        const float chamfer = 0.15f * smooth_step(hole + 6.0f, hole + 2.0f, ring);
        return base * (roundness(u, v, distance, 6.0f) - chamfer +
                       0.18f * (fractal_noise(seed, u * 0.25f, v * 0.25f, 2) - 0.5f));
      });
}

void paint_capsule(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color left = draw_color(fixed, {0.0, 1.0}, {0.3, 0.8}, {0.4, 0.8});
  const Color right = draw_color(fixed, {0.0, 1.0}, {0.0, 0.7}, {0.4, 0.9});
  const float length = draw(fixed, 24.0, 32.0), radius = draw(fixed, 19.0, 25.0), seam = draw(fixed, -6.0, 6.0);
  const Color back = background_beside(fixed, mix(left, right, 0.5f));
  const Frame frame = Frame::random(instance, 0.5f, 4.0f);
  const std::uint32_t seed = draw_seed(instance);
  place_object(
      scene, frame, back, seed, [&](float u, float v) { return stadium(u, v, length, radius); },
      [&](float u, float v, float distance) {
        const Color body = mix(left, right, smooth_step(seam - 0.8f, seam + 0.8f, u));
        const float gloss = 0.2f * std::exp(-(v + radius * 0.45f) * (v + radius * 0.45f) / 18.0f);
        return body * (roundness(0.0f, v, distance, radius * 0.8f) + gloss +
                       0.06f * (value_noise(seed, u * 0.2f, v * 0.2f) - 0.5f));
      });
}

void paint_washer(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color base = draw_color(fixed, {0.0, 1.0}, {0.0, 0.3}, {0.45, 0.8});
  const float radius = draw(fixed, 42.0, 54.0), hole = radius * draw(fixed, 0.28, 0.42), brush = draw(fixed, 0.4, 0.9);
  const Color back = background_beside(fixed, base);
  const Frame frame = Frame::random(instance, 0.5f, 5.0f);
  const std::uint32_t seed = draw_seed(instance);
  place_object(
      scene, frame, back, seed,
      [&](float u, float v) {
        const float ring = std::sqrt(u * u + v * v);
        return std::min(radius - ring, ring - hole);
      },
      [&](float u, float v, float distance) {
        const float ring = std::sqrt(u * u + v * v);
        return base * (roundness(u, v, distance, 5.0f) + 0.2f * (fractal_noise(seed, ring * brush, 3.0f, 2) - 0.5f) +
                       0.08f * (value_noise(seed + 1, u * 0.3f, v * 0.3f) - 0.5f));
      });
}

void paint_pill(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color base = draw_color(fixed, {0.0, 1.0}, {0.0, 0.4}, {0.7, 0.92});
  const float half_width = draw(fixed, 40.0, 50.0), half_height = half_width * draw(fixed, 0.55, 0.95),
              line = draw(fixed, 1.2, 2.2);
  const Color back = background_beside(fixed, base);
  const Frame frame = Frame::random(instance, 0.5f, 4.0f);
  const std::uint32_t seed = draw_seed(instance);
  place_object(
      scene, frame, back, seed,
      [&](float u, float v) {
        const float scaled = std::sqrt(u * u / (half_width * half_width) + v * v / (half_height * half_height));
        return (1.0f - scaled) * half_height;
      },
      [&](float u, float v, float distance) {
        const float score = 0.2f * smooth_step(line + 0.8f, line - 0.8f, std::abs(u));
        return base *
               (roundness(u, v, distance, 9.0f) - score + 0.12f * (fractal_noise(seed, u * 0.4f, v * 0.4f, 2) - 0.5f));
      });
}

void paint_gear(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color base = draw_color(fixed, {0.0, 1.0}, {0.0, 0.3}, {0.4, 0.75});
  const float radius = draw(fixed, 40.0, 48.0), hole = radius * draw(fixed, 0.18, 0.3), tooth = draw(fixed, 3.5, 6.0);
  const float teeth = std::floor(draw(fixed, 10.0, 19.0));
  const Color back = background_beside(fixed, base);
  const Frame frame = Frame::random(instance, 0.5f, 5.0f);
  const std::uint32_t seed = draw_seed(instance);
  place_object(
      scene, frame, back, seed,
      [&](float u, float v) {
        const float ring = std::sqrt(u * u + v * v);
        const float wave = std::clamp(2.5f * std::sin(teeth * std::atan2(v, u)), -1.0f, 1.0f);
        return std::min(radius + tooth * wave - ring, ring - hole);
      },
      [&](float u, float v, float distance) {
        const float ring = std::sqrt(u * u + v * v);
        const float groove = 0.14f * std::exp(-(ring - 0.7f * radius) * (ring - 0.7f * radius) / 5.0f);
        return base *
               (roundness(u, v, distance, 4.0f) - groove + 0.16f * (fractal_noise(seed, u * 0.2f, v * 0.2f, 3) - 0.5f));
      });
}

void paint_bottle(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color glass = draw_color(fixed, {0.08, 0.16}, {0.4, 0.5}, {0.34, 0.42});
  const float radius = draw(fixed, 50.0, 54.0);
  const std::array<float, 3> rings{radius * 0.84f, radius * 0.62f, radius * 0.34f};
  const Color back{0.86f, 0.87f, 0.88f};
  const Frame frame = Frame::random(instance, 0.5f, 3.0f);
  const std::uint32_t seed = draw_seed(instance);
  place_object(
      scene, frame, back, seed, [&](float u, float v) { return radius - std::sqrt(u * u + v * v); },
      [&](float u, float v, float) {
        const float ring = std::sqrt(u * u + v * v);
        float shade = 0.85f + 0.35f * smooth_step(rings[1], radius, ring);
        for (const float at : rings) shade += 0.5f * std::exp(-(ring - at) * (ring - at) / 4.5f);
        const float reflection = 0.25f * smooth_step(0.75f, 1.0f, std::sin(std::atan2(v, u) * 2.0f + 0.6f)) *
                                 smooth_step(rings[2], rings[1], ring);
        return glass * (shade + reflection + 0.12f * (fractal_noise(seed, u * 0.12f, v * 0.12f, 3) - 0.5f));
      });
}

void paint_cable(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color sheath = from_hsv(0.6f, 0.08f, draw(fixed, 0.5, 0.6));
  const Color filler = from_hsv(0.12f, 0.12f, draw(fixed, 0.7, 0.78));
  const Color copper = from_hsv(0.07f, 0.5f, draw(fixed, 0.66, 0.76));
  const std::array<Color, 3> insulation{from_hsv(0.32f, 0.45f, 0.5f), from_hsv(0.6f, 0.5f, 0.55f),
                                        from_hsv(0.05f, 0.5f, 0.45f)};
  const float radius = draw(fixed, 53.0, 56.0), core_radius = draw(fixed, 19.5, 21.0), offset = draw(fixed, 25.0, 26.5);
  const Color back{0.16f, 0.17f, 0.19f};
  const Frame frame = Frame::random(instance, 0.5f, 3.0f);
  const std::uint32_t seed = draw_seed(instance);
  place_object(
      scene, frame, back, seed, [&](float u, float v) { return radius - std::sqrt(u * u + v * v); },
      [&](float u, float v, float distance) {
        const float grain = 0.12f * (fractal_noise(seed, u * 0.25f, v * 0.25f, 2) - 0.5f);
        Color color = mix(filler, sheath, smooth_step(7.0f, 5.5f, distance)) * (1.0f + grain);
        for (std::size_t i = 0; i < insulation.size(); ++i) {
          const float angle = kTau * static_cast<float>(i) / 3.0f;
          const float du = u - offset * std::cos(angle), dv = v - offset * std::sin(angle);
          const float ring = std::sqrt(du * du + dv * dv);
          const float strands = cellular_noise(seed + 31, du * 0.24f, dv * 0.24f).nearest;
          const Color inner = mix(insulation[i] * (1.0f + grain), copper * (1.15f - 0.5f * strands),
                                  smooth_step(core_radius - 6.0f, core_radius - 7.2f, ring));
          color = mix(color, inner, smooth_step(core_radius + 0.7f, core_radius - 0.7f, ring));
        }
        return color;
      });
}

void paint_hazelnut(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color shell = draw_color(fixed, {0.055, 0.075}, {0.5, 0.58}, {0.5, 0.58});
  const Color cap = from_hsv(0.09f, 0.3f, draw(fixed, 0.66, 0.72));
  const float half_width = draw(fixed, 40.0, 43.0), half_height = draw(fixed, 44.0, 47.0);
  const Color back{0.1f, 0.1f, 0.11f};
  const Frame frame = Frame::random(instance, 0.5f, 4.0f);
  const std::uint32_t seed = draw_seed(instance);
  place_object(
      scene, frame, back, seed,
      [&](float u, float v) {
        const float scaled = std::sqrt(u * u / (half_width * half_width) + v * v / (half_height * half_height));
        return (1.0f - scaled) * half_width;
      },
      [&](float u, float v, float distance) {
        const float stripes = fractal_noise(seed, 5.0f * std::atan2(u, v + 60.0f) * 3.0f, v * 0.03f, 3) - 0.5f;
        const float border = half_height * 0.52f + 2.5f * (value_noise(seed + 4, u * 0.2f, 1.0f) - 0.5f);
        const Color body = mix(shell * (1.0f + 0.4f * stripes),
                               cap * (1.0f + 0.3f * (fractal_noise(seed + 2, u * 0.3f, v * 0.3f, 2) - 0.5f)),
                               smooth_step(border - 1.5f, border + 1.5f, v));
        return body * roundness(u, v, distance, 20.0f);
      });
}

}  // namespace normadd::datasets
