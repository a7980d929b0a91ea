// SPDX-License-Identifier: Apache-2.0
#include "datasets/procedural/defects.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "datasets/procedural.h"
#include "datasets/procedural/noise.h"
#include "datasets/procedural/stroke.h"

namespace normadd::datasets {
namespace {

constexpr float kTau = 2.0f * std::numbers::pi_v<float>;

/// What a defect painter works with. Painters change the canvas only where they also mark.
struct Work {
  core::RandomStream& random;
  Scene& scene;
  imaging::Map marked;  // largest opacity so far, per pixel
  float contrast;

  imaging::Map blank() const { return imaging::Map(scene.canvas.side(), scene.canvas.side()); }

  /// Mixes color(pixel, x, y) into the object by coverage * opacity; faint coverage is dropped so that the mask stays
  /// exact.
  template <typename Paint>
  void paint(const imaging::Map& coverage, float opacity, Paint color) {
    constexpr float kFaintest = 0.08f;
    const float unit = scene.canvas.unit();
    for (int y = 0; y < coverage.height; ++y) {
      for (int x = 0; x < coverage.width; ++x) {
        const float cover = coverage.row(y)[x];
        if (cover < kFaintest || scene.object.row(y)[x] == 0) continue;
        Color& pixel = scene.canvas.at(y, x);
        pixel = mix(pixel, color(pixel, (static_cast<float>(x) + 0.5f) * unit, (static_cast<float>(y) + 0.5f) * unit),
                    cover * opacity);
        marked.row(y)[x] = std::max(marked.row(y)[x], cover);
      }
    }
  }
};

bool surrounded(const imaging::Mask& object, Point center, float margin) {
  const float unit = kReferenceSide / static_cast<float>(object.width);
  for (int i = 0; i < 12; ++i) {
    const float angle = kTau * static_cast<float>(i) / 12.0f;
    const int x = static_cast<int>((center.x + margin * std::cos(angle)) / unit),
              y = static_cast<int>((center.y + margin * std::sin(angle)) / unit);
    if (x < 0 || y < 0 || x >= object.width || y >= object.height || object.row(y)[x] == 0) return false;
  }
  return true;
}

/// A point with at least margin of object around it; the margin shrinks when the object is too thin.
Point center_inside(core::RandomStream& random, const imaging::Mask& object, float margin) {
  for (;; margin *= 0.7f) {
    for (int attempt = 0; attempt < 60; ++attempt) {
      const Point point{draw(random, 6.0, 122.0), draw(random, 6.0, 122.0)};
      if (surrounded(object, point, margin)) return point;
    }
    if (margin < 0.5f) return {64.0f, 64.0f};
  }
}

Point from_center(Point center, float distance, float angle) {
  return {center.x + distance * std::cos(angle), center.y + distance * std::sin(angle)};
}

void scratch(Work& w) {
  const Point center = center_inside(w.random, w.scene.object, 9.0f);
  const float angle = draw(w.random, 0.0, kTau);
  const bool bright = w.random.chance(0.7);
  imaging::Map coverage = w.blank();
  const int strokes = 1 + static_cast<int>(w.random.index(3));
  for (int i = 0; i < strokes; ++i) {
    const float length = draw(w.random, 26.0, 56.0), direction = angle + draw(w.random, -0.12, 0.12);
    const Point middle = from_center(center, draw(w.random, -6.0, 6.0), angle + 0.25f * kTau);
    const Point start = from_center(middle, -0.5f * length, direction);
    const float width = draw(w.random, 1.8, 2.8);
    add_stroke(coverage, wander(w.random, start, direction, length, 4.0f, 0.025f), width);
  }
  w.paint(coverage, 0.25f + 0.65f * w.contrast, [&](const Color& pixel, float, float) {
    return bright ? mix(pixel, {0.98f, 0.98f, 0.97f}, 0.85f) : pixel * 0.3f;
  });
}

void hole(Work& w) {
  const float radius = draw(w.random, 5.5, 10.0);
  const Point center = center_inside(w.random, w.scene.object, radius + 2.0f);
  const std::uint32_t seed = draw_seed(w.random);
  imaging::Map rim = w.blank(), inside = w.blank();
  add_blob(rim, center, radius + 1.6f, 0.12f, 1.5f, seed);
  add_blob(inside, center, radius, 0.12f, 1.2f, seed);
  w.paint(rim, 0.3f + 0.4f * w.contrast, [&](const Color& pixel, float x, float y) {
    return pixel * (1.0f + 0.45f * ((x - center.x) + (y - center.y)) / radius);
  });
  w.paint(inside, 0.55f + 0.43f * w.contrast, [&](const Color&, float x, float y) {
    const float depth = std::hypot(x - center.x + 0.3f * radius, y - center.y + 0.3f * radius) / radius;
    return Color{0.05f, 0.045f, 0.045f} * (1.0f + 0.8f * depth);
  });
}

void stain(Work& w) {
  const Point center = center_inside(w.random, w.scene.object, 9.0f);
  const std::uint32_t seed = draw_seed(w.random);
  imaging::Map coverage = w.blank();
  add_blob(coverage, center, draw(w.random, 10.0, 18.0), 0.35f, 7.0f, seed);
  const Color liquid = draw_color(w.random, {0.06, 0.13}, {0.25, 0.5}, {0.25, 0.45});
  w.paint(coverage, 0.25f + 0.6f * w.contrast, [&](const Color& pixel, float x, float y) {
    const float patch = 0.75f + 0.5f * fractal_noise(seed + 1, x * 0.12f, y * 0.12f, 2);
    return Color{pixel.r * (0.25f + liquid.r), pixel.g * (0.25f + liquid.g), pixel.b * (0.25f + liquid.b)} * patch;
  });
}

void crack(Work& w) {
  const Point center = center_inside(w.random, w.scene.object, 9.0f);
  const float direction = draw(w.random, 0.0, kTau), length = draw(w.random, 28.0, 50.0);
  const auto trunk = wander(w.random, from_center(center, -0.5f * length, direction), direction, length, 4.5f, 0.5f);
  imaging::Map coverage = w.blank();
  add_stroke(coverage, trunk, draw(w.random, 1.8, 2.6));
  const int branches = 1 + static_cast<int>(w.random.index(3));
  for (int i = 0; i < branches; ++i) {
    const Point start = trunk[1 + w.random.index(trunk.size() - 1)];
    const float side = w.random.chance(0.5) ? 0.9f : -0.9f;
    const float width = draw(w.random, 1.3, 1.9), length_of_branch = draw(w.random, 8.0, 18.0);
    add_stroke(coverage, wander(w.random, start, direction + side, length_of_branch, 3.5f, 0.45f), width);
  }
  w.paint(coverage, 0.4f + 0.55f * w.contrast, [](const Color& pixel, float, float) { return pixel * 0.12f; });
}

void glue(Work& w) {
  const Point center = center_inside(w.random, w.scene.object, 9.0f);
  const std::uint32_t seed = draw_seed(w.random);
  const Color resin = draw_color(w.random, {0.1, 0.16}, {0.05, 0.3}, 0.95f);
  imaging::Map coverage = w.blank(), highlight = w.blank();
  const float radius = draw(w.random, 7.0, 11.0), angle = draw(w.random, 0.0, kTau);
  for (int i = 0; i < 3; ++i) {
    const float drop = radius * draw(w.random, 0.65, 1.0), bend = draw(w.random, -0.4, 0.4);
    add_blob(coverage, from_center(center, 0.8f * radius * static_cast<float>(i - 1), angle + bend), drop, 0.15f, 1.6f,
             seed + static_cast<std::uint32_t>(i));
  }
  w.paint(coverage, 0.3f + 0.45f * w.contrast,
          [&](const Color& pixel, float, float) { return mix(pixel, resin, 0.75f); });
  // The bulge is thickest in the middle: a darker border and a bright reflection show that it stands out.
  imaging::Map border = w.blank();
  for (std::size_t i = 0; i < border.values.size(); ++i) {
    const float cover = coverage.values[i];
    border.values[i] = 4.0f * cover * (1.0f - cover);
  }
  w.paint(border, 0.5f * w.contrast, [](const Color& pixel, float, float) { return pixel * 0.45f; });
  const Point shine = from_center(center, 0.35f * radius, -2.2f);
  add_blob(highlight, shine, 0.32f * radius, 0.1f, 1.5f, seed + 9);
  for (std::size_t i = 0; i < highlight.values.size(); ++i)
    highlight.values[i] *= coverage.values[i] > 0.5f ? 1.0f : 0.0f;
  w.paint(highlight, 0.5f + 0.5f * w.contrast, [](const Color&, float, float) { return Color{1.0f, 1.0f, 1.0f}; });
}

void thread(Work& w) {
  const Point center = center_inside(w.random, w.scene.object, 9.0f);
  const Color fibre = draw_color(w.random, {0.0, 1.0}, {0.5, 0.95}, {0.45, 0.95});
  const float length = draw(w.random, 45.0, 80.0), start_direction = draw(w.random, 0.0, kTau),
              width = draw(w.random, 2.2, 3.2);
  const float wave = draw(w.random, 0.10, 0.18), swing = draw(w.random, 0.6, 1.3), phase = draw(w.random, 0.0, kTau);
  std::vector<Point> points{from_center(center, -0.3f * length, start_direction)};
  for (float gone = 0; gone < length; gone += 2.0f) {
    points.push_back(from_center(points.back(), 2.0f, start_direction + swing * std::sin(wave * gone + phase)));
  }
  imaging::Map coverage = w.blank(), shadow = w.blank();
  add_stroke(coverage, points, width);
  for (auto& point : points) point = {point.x + 1.2f, point.y + 1.4f};
  add_stroke(shadow, points, width);
  w.paint(shadow, 0.5f * w.contrast, [](const Color& pixel, float, float) { return pixel * 0.4f; });
  w.paint(coverage, 0.35f + 0.6f * w.contrast, [&](const Color&, float, float) { return fibre; });
}

void dent(Work& w) {
  const float radius = draw(w.random, 9.0, 15.0);
  const Point center = center_inside(w.random, w.scene.object, 0.7f * radius);
  const float light = draw(w.random, -2.6, -2.0), sign = w.random.chance(0.8) ? 1.0f : -1.0f;
  imaging::Map coverage = w.blank();
  add_blob(coverage, center, radius, 0.1f, 3.0f, draw_seed(w.random));
  const float lit_u = std::cos(light), lit_v = std::sin(light);
  w.paint(coverage, 0.3f + 0.7f * w.contrast, [&](const Color& pixel, float x, float y) {
    const float u = (x - center.x) / radius, v = (y - center.y) / radius;
    const float slope = sign * (u * lit_u + v * lit_v) * std::exp(-0.9f * (u * u + v * v)) * 1.9f;
    return slope < 0 ? mix(pixel, {1, 1, 1}, -0.75f * slope) : pixel * (1.0f - 0.85f * slope);
  });
}

void contamination(Work& w) {
  const Point center = center_inside(w.random, w.scene.object, 9.0f);
  const float spread = draw(w.random, 7.0, 11.0), tone = w.random.chance(0.75) ? 0.06f : 0.95f;
  imaging::Map coverage = w.blank();
  const int specks = 14 + static_cast<int>(w.random.index(16));
  for (int i = 0; i < specks; ++i) {
    const Point at{center.x + spread * 0.7f * static_cast<float>(w.random.normal()),
                   center.y + spread * 0.7f * static_cast<float>(w.random.normal())};
    const std::uint32_t seed = draw_seed(w.random);
    add_blob(coverage, at, draw(w.random, 0.9, 2.3), 0.35f, 0.8f, seed);
  }
  w.paint(coverage, 0.35f + 0.6f * w.contrast, [&](const Color& pixel, float, float) {
    return mix(pixel, {tone, tone, tone}, 0.9f);
  });
}

void color(Work& w) {
  const Point center = center_inside(w.random, w.scene.object, 9.0f);
  const float turn = draw(w.random, 0.2, 0.8), chroma = 0.10f + 0.12f * w.contrast;
  imaging::Map coverage = w.blank();
  const std::uint32_t seed = draw_seed(w.random);
  add_blob(coverage, center, draw(w.random, 9.0, 16.0), 0.25f, 2.5f, seed);
  w.paint(coverage, 0.45f + 0.5f * w.contrast,
          [&](const Color& pixel, float, float) { return turn_hue(pixel, turn, chroma); });
}

void print(Work& w) {
  const float angle = draw(w.random, 0.0, kTau), height = draw(w.random, 8.0, 12.0);
  const int glyphs = 2 + static_cast<int>(w.random.index(3));
  const Point center = center_inside(w.random, w.scene.object, 10.0f);
  const std::array<Color, 4> inks{Color{0.08f, 0.08f, 0.1f}, Color{0.1f, 0.15f, 0.5f}, Color{0.95f, 0.95f, 0.93f},
                                  Color{0.55f, 0.08f, 0.1f}};
  const Color ink = inks[w.random.index(inks.size())];
  imaging::Map coverage = w.blank();
  const float pitch = 0.85f * height, half_width = 0.27f * height, half_height = 0.5f * height;
  const auto place = [&](float glyph, float u, float v) {
    const float along = (glyph - 0.5f * static_cast<float>(glyphs - 1)) * pitch + u * half_width,
                across = v * half_height;
    return Point{center.x + along * std::cos(angle) - across * std::sin(angle),
                 center.y + along * std::sin(angle) + across * std::cos(angle)};
  };
  // A letter-like sign: a stem, and two bars between corners of its box.
  for (int g = 0; g < glyphs; ++g) {
    const auto position = static_cast<float>(g);
    const float stem = w.random.chance(0.5) ? -1.0f : 1.0f;
    add_stroke(coverage, {place(position, stem, -1), place(position, stem, 1)}, 1.9f);
    for (int bar = 0; bar < 2; ++bar) {
      const float from = static_cast<float>(w.random.index(3)) - 1.0f,
                  to = static_cast<float>(w.random.index(3)) - 1.0f;
      add_stroke(coverage, {place(position, stem, from), place(position, -stem, to)}, 1.9f);
    }
  }
  w.paint(coverage, 0.4f + 0.55f * w.contrast, [&](const Color&, float, float) { return ink; });
}

using DefectPainter = void (*)(Work&);
constexpr std::array<DefectPainter, 10> kPainters{scratch, hole, stain,         crack, glue,
                                                  thread,  dent, contamination, color, print};

}  // namespace

void paint_defect(std::size_t type, core::RandomStream& random, Scene& scene, imaging::Image& defect_class) {
  const float contrast = draw(random, 0.35, 1.0);
  Work work{random, scene, imaging::Map(scene.canvas.side(), scene.canvas.side()), contrast};
  kPainters.at(type)(work);
  for (std::size_t i = 0; i < work.marked.values.size(); ++i) {
    if (work.marked.values[i] > 0) defect_class.pixels[i] = static_cast<std::uint8_t>(1 + type);
  }
}

}  // namespace normadd::datasets
