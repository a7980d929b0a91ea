// SPDX-License-Identifier: Apache-2.0
#include "training/window_batch.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/error.h"
#include "datasets/procedural.h"

namespace normadd::training {
namespace {

constexpr double kOverDefect = 0.75;
constexpr double kCoveredShare = 0.08;

struct Place {
  int top = 0, left = 0;  // patches
  bool flip_y = false, flip_x = false, transpose = false;

  /// Pixel of the picture that pixel (y, x) of the window shows.
  std::pair<int, int> source(int y, int x, int window_px, int patch_px) const {
    if (transpose) std::swap(y, x);
    if (flip_y) y = window_px - 1 - y;
    if (flip_x) x = window_px - 1 - x;
    return {top * patch_px + y, left * patch_px + x};
  }
};

/// A start, in patches, at which a window of grid patches covers patch `inside` of a side of `total`.
int start_covering(int inside, int grid, int total, core::RandomStream& random) {
  const int low = std::max(0, inside - grid + 1), high = std::min(inside, total - grid);
  return low + static_cast<int>(random.index(static_cast<std::size_t>(high - low + 1)));
}

Place draw_place(const TrainingPicture& picture, const WindowPlan& plan, core::RandomStream& random) {
  const int grid = plan.window_px / plan.patch_px, total = picture.image.height / plan.patch_px;
  Place place;
  std::vector<int> defect_pixels;
  const auto& classes = picture.defect_class.pixels;
  if (grid < total && random.chance(kOverDefect)) {
    for (std::size_t i = 0; i < classes.size(); ++i) {
      if (classes[i] != 0) defect_pixels.push_back(static_cast<int>(i));
    }
  }
  if (defect_pixels.empty()) {
    place.top = static_cast<int>(random.index(static_cast<std::size_t>(total - grid + 1)));
    place.left = static_cast<int>(random.index(static_cast<std::size_t>(total - grid + 1)));
  } else {
    const int pixel = random.pick(defect_pixels);
    place.top = start_covering(pixel / picture.image.width / plan.patch_px, grid, total, random);
    place.left = start_covering(pixel % picture.image.width / plan.patch_px, grid, total, random);
  }
  place.flip_y = random.chance(0.5);
  place.flip_x = random.chance(0.5);
  place.transpose = random.chance(0.5);
  return place;
}

void write_pixels(const TrainingPicture& picture, const WindowPlan& plan, const Place& place, float* out) {
  const int side = plan.window_px;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const auto [row, column] = place.source(y, x, side, plan.patch_px);
      const std::uint8_t* pixel = picture.image.row(row) + 3 * column;
      for (int c = 0; c < 3; ++c) {
        const auto channel = static_cast<std::size_t>(c);
        out[(c * side + y) * side + x] =
            (static_cast<float>(pixel[c]) / 255.0f - plan.mean[channel]) / plan.std[channel];
      }
    }
  }
}

/// Pixels of each class in the patch at (patch_y, patch_x) of the window; index 0 = normal.
std::vector<int> count_classes(const TrainingPicture& picture, const WindowPlan& plan, const Place& place, int patch_y,
                               int patch_x, std::size_t num_types) {
  std::vector<int> counts(num_types + 1, 0);
  for (int y = 0; y < plan.patch_px; ++y) {
    for (int x = 0; x < plan.patch_px; ++x) {
      const auto [row, column] =
          place.source(patch_y * plan.patch_px + y, patch_x * plan.patch_px + x, plan.window_px, plan.patch_px);
      ++counts[picture.defect_class.row(row)[column]];
    }
  }
  return counts;
}

}  // namespace

WindowBatch draw_windows(const std::vector<TrainingPicture>& pictures, const WindowPlan& plan,
                         core::RandomStream& random) {
  const int side = pictures.front().image.width, total = side / plan.patch_px, grid = plan.window_px / plan.patch_px;
  NORMADD_CHECK(plan.window_px % plan.patch_px == 0 && plan.window_px <= side, std::to_string(plan.window_px));
  const std::size_t num_types = datasets::procedural_defect_types().size();
  const auto types = static_cast<std::int64_t>(num_types);
  const std::int64_t cells = static_cast<std::int64_t>(grid) * grid;
  const double covered_pixels = kCoveredShare * plan.patch_px * plan.patch_px;

  WindowBatch batch{at::empty({plan.batch, 3, plan.window_px, plan.window_px}, at::kFloat),
                    at::empty({plan.batch, 1 + cells}, at::kLong),
                    at::empty({plan.batch}, at::kLong),
                    at::zeros({plan.batch, cells, types}, at::kFloat),
                    at::zeros({plan.batch, cells}, at::kLong),
                    at::zeros({plan.batch}, at::kLong)};
  auto* covered = batch.covered.data_ptr<float>();
  auto* dominant = batch.dominant.data_ptr<std::int64_t>();
  auto* position = batch.positions.data_ptr<std::int64_t>();

  for (std::int64_t b = 0; b < plan.batch; ++b) {
    const TrainingPicture& picture = random.pick(pictures);
    const Place place = draw_place(picture, plan, random);
    write_pixels(picture, plan, place, batch.images[b].data_ptr<float>());
    batch.category.data_ptr<std::int64_t>()[b] = picture.category;
    *position++ = 0;
    std::vector<std::int64_t> visible;
    for (int y = 0; y < grid; ++y) {
      for (int x = 0; x < grid; ++x, ++dominant, covered += types) {
        *position++ = 1 + (place.top + y) * total + place.left + x;
        const auto counts = count_classes(picture, plan, place, y, x, num_types);
        for (std::size_t k = 1; k <= num_types; ++k) {
          if (counts[k] <= covered_pixels) continue;
          covered[k - 1] = 1;
          if (*dominant == 0 || counts[k] > counts[static_cast<std::size_t>(*dominant)])
            *dominant = static_cast<std::int64_t>(k);
          if (std::ranges::find(visible, k) == visible.end()) visible.push_back(static_cast<std::int64_t>(k));
        }
      }
    }
    if (!visible.empty()) batch.shown.data_ptr<std::int64_t>()[b] = random.pick(visible);
  }
  return batch;
}

}  // namespace normadd::training
