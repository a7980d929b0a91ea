// SPDX-License-Identifier: Apache-2.0
#include "datasets/procedural/stroke.h"

#include <algorithm>
#include <cmath>

#include "datasets/procedural/canvas.h"
#include "datasets/procedural/noise.h"

namespace normadd::datasets {
namespace {

/// Calls visit(pixel value, x, y) for the pixels in a box around the point, x and y in reference pixels.
template <typename Visit>
void visit_box(imaging::Map& coverage, float x0, float y0, float x1, float y1, Visit visit) {
  const float unit = kReferenceSide / static_cast<float>(coverage.width);
  const int left = std::max(0, static_cast<int>(std::floor(x0 / unit))),
            right = std::min(coverage.width - 1, static_cast<int>(std::ceil(x1 / unit)));
  const int top = std::max(0, static_cast<int>(std::floor(y0 / unit))),
            bottom = std::min(coverage.height - 1, static_cast<int>(std::ceil(y1 / unit)));
  for (int y = top; y <= bottom; ++y) {
    for (int x = left; x <= right; ++x) {
      visit(coverage.row(y)[x], (static_cast<float>(x) + 0.5f) * unit, (static_cast<float>(y) + 0.5f) * unit);
    }
  }
}

}  // namespace

void add_stroke(imaging::Map& coverage, const std::vector<Point>& points, float width) {
  const float half = 0.5f * width, reach = half + 1.0f;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Point a = points[i - 1], b = points[i];
    const float du = b.x - a.x, dv = b.y - a.y, squared = du * du + dv * dv + 1e-9f;
    visit_box(coverage, std::min(a.x, b.x) - reach, std::min(a.y, b.y) - reach, std::max(a.x, b.x) + reach,
              std::max(a.y, b.y) + reach, [&](float& value, float x, float y) {
                const float t = std::clamp(((x - a.x) * du + (y - a.y) * dv) / squared, 0.0f, 1.0f);
                const float distance = std::hypot(x - a.x - t * du, y - a.y - t * dv);
                value = std::max(value, smooth_step(half + 0.5f, half - 0.5f, distance));
              });
  }
}

void add_blob(imaging::Map& coverage, Point center, float radius, float roughness, float soft, std::uint32_t seed) {
  const float reach = radius * (1.0f + roughness) + soft + 1.0f;
  visit_box(coverage, center.x - reach, center.y - reach, center.x + reach, center.y + reach,
            [&](float& value, float x, float y) {
              const float du = x - center.x, dv = y - center.y, distance = std::hypot(du, dv) + 1e-4f;
              // Noise on the direction's unit circle closes smoothly, whatever the angle.
              const float wave =
                  2.0f * fractal_noise(seed, 3.0f + 1.3f * du / distance, 3.0f + 1.3f * dv / distance, 2) - 1.0f;
              const float edge = radius * (1.0f + roughness * wave);
              value = std::max(value, smooth_step(edge + 0.5f * soft, edge - 0.5f * soft, distance));
            });
}

std::vector<Point> wander(core::RandomStream& random, Point start, float direction, float length, float step,
                          float spread) {
  std::vector<Point> points{start};
  for (float gone = 0; gone < length; gone += step) {
    direction += spread * static_cast<float>(random.normal());
    const Point last = points.back();
    points.push_back({last.x + step * std::cos(direction), last.y + step * std::sin(direction)});
  }
  return points;
}

}  // namespace normadd::datasets
