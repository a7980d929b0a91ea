// SPDX-License-Identifier: Apache-2.0
#include "imaging/resample.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::imaging {
namespace {

// 8 bits of result, 2 of head room for filters that overshoot, the rest of 32 for the fraction.
constexpr int kPrecisionBits = 32 - 8 - 2;

double triangle(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

double cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  if (x < 2.0) return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
  return 0.0;
}

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) { return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0; }

struct Kernel {
  double (*weight)(double);
  double support;
};

Kernel kernel_of(Filter filter) {
  switch (filter) {
    case Filter::kBicubic:
      return {cubic, 2.0};
    case Filter::kLanczos:
      return {lanczos, 3.0};
    default:
      return {triangle, 1.0};
  }
}

/// For each output position: the first input position and fixed-point weights.
struct Taps {
  std::vector<int> first, count;
  std::vector<std::int32_t> weights;  // [out, max_count]
  int max_count = 0;
};

Taps make_taps(int in, int out, Filter filter) {
  const Kernel kernel = kernel_of(filter);
  const double scale = static_cast<double>(in) / out;
  const double filter_scale = std::max(scale, 1.0);
  const double support = kernel.support * filter_scale;
  Taps taps;
  taps.max_count = static_cast<int>(std::ceil(support)) * 2 + 1;
  taps.first.resize(out);
  taps.count.resize(out);
  taps.weights.assign(static_cast<std::size_t>(out) * taps.max_count, 0);
  std::vector<double> weights(taps.max_count);
  for (int i = 0; i < out; ++i) {
    const double center = (i + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(center - support + 0.5));
    const int last = std::min(in, static_cast<int>(center + support + 0.5));
    double sum = 0.0;
    for (int x = first; x < last; ++x) {
      weights[x - first] = kernel.weight((x - center + 0.5) * (1.0 / filter_scale));
      sum += weights[x - first];
    }
    taps.first[i] = first;
    taps.count[i] = last - first;
    for (int k = 0; k < last - first; ++k) {
      const double normalised = sum != 0.0 ? weights[k] / sum : weights[k];
      const double fixed = normalised * (1 << kPrecisionBits);
      taps.weights[static_cast<std::size_t>(i) * taps.max_count + k] =
          static_cast<std::int32_t>(normalised < 0 ? fixed - 0.5 : fixed + 0.5);
    }
  }
  return taps;
}

std::uint8_t to_byte(std::int32_t sum) { return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255)); }

constexpr std::int32_t kHalf = 1 << (kPrecisionBits - 1);

void resample_grey_row(const std::uint8_t* in_row, const Taps& taps, std::uint8_t* out_row) {
  for (std::size_t x = 0; x < taps.first.size(); ++x) {
    const std::int32_t* weights = &taps.weights[x * taps.max_count];
    const std::uint8_t* in = in_row + taps.first[x];
    std::int32_t sum = kHalf;
    for (int k = 0; k < taps.count[x]; ++k) sum += in[k] * weights[k];
    out_row[x] = to_byte(sum);
  }
}

/// The three sums are named so that they stay in registers.
void resample_colour_row(const std::uint8_t* in_row, const Taps& taps, std::uint8_t* out_row) {
  for (std::size_t x = 0; x < taps.first.size(); ++x) {
    const std::int32_t* weights = &taps.weights[x * taps.max_count];
    const std::uint8_t* in = in_row + static_cast<std::size_t>(taps.first[x]) * 3;
    std::int32_t red = kHalf, green = kHalf, blue = kHalf;
    for (int k = 0; k < taps.count[x]; ++k, in += 3) {
      red += in[0] * weights[k];
      green += in[1] * weights[k];
      blue += in[2] * weights[k];
    }
    out_row[3 * x] = to_byte(red);
    out_row[3 * x + 1] = to_byte(green);
    out_row[3 * x + 2] = to_byte(blue);
  }
}

Image horizontal(const Image& image, int width, Filter filter) {
  NORMADD_CHECK(image.channels == 1 || image.channels == 3, "pictures have one or three channels");
  const Taps taps = make_taps(image.width, width, filter);
  Image out(image.height, width, image.channels);
  const auto row = image.channels == 3 ? resample_colour_row : resample_grey_row;
  for (int y = 0; y < image.height; ++y) row(image.row(y), taps, out.row(y));
  return out;
}

__attribute__((target_clones("avx512f", "avx2", "default"))) void add_row(const std::uint8_t* in, std::int32_t weight,
                                                                          std::int32_t* sums, int count) {
  for (int i = 0; i < count; ++i) sums[i] += in[i] * weight;
}

Image vertical(const Image& image, int height, Filter filter) {
  const Taps taps = make_taps(image.height, height, filter);
  const int row_size = image.width * image.channels;
  Image out(height, image.width, image.channels);
  std::vector<std::int32_t> sums(row_size);
  for (int y = 0; y < height; ++y) {
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int k = 0; k < taps.count[y]; ++k) {
      add_row(image.row(taps.first[y] + k), taps.weights[static_cast<std::size_t>(y) * taps.max_count + k], sums.data(),
              row_size);
    }
    std::transform(sums.begin(), sums.end(), out.row(y), to_byte);
  }
  return out;
}

/// Pillow adds the step up instead of multiplying; where the centre falls on a border between pixels, its rounding
/// decides.
std::vector<int> nearest_positions(int in, int out) {
  const double step = static_cast<double>(in) / out;
  std::vector<int> positions(out);
  double at = step * 0.5;
  for (int& position : positions) {
    position = std::min(in - 1, static_cast<int>(at));
    at += step;
  }
  return positions;
}

Image resize_nearest(const Image& image, Size size) {
  Image out(size.height, size.width, image.channels);
  const std::vector<int> rows = nearest_positions(image.height, size.height);
  const std::vector<int> columns = nearest_positions(image.width, size.width);
  for (int y = 0; y < size.height; ++y) {
    const std::uint8_t* in_row = image.row(rows[y]);
    std::uint8_t* out_row = out.row(y);
    for (int x = 0; x < size.width; ++x) {
      std::copy_n(in_row + static_cast<std::size_t>(columns[x]) * image.channels, image.channels,
                  out_row + static_cast<std::size_t>(x) * image.channels);
    }
  }
  return out;
}

}  // namespace

Filter parse_filter(const std::string& name) {
  if (name == "nearest") return Filter::kNearest;
  if (name == "bilinear") return Filter::kBilinear;
  if (name == "bicubic") return Filter::kBicubic;
  if (name == "lanczos") return Filter::kLanczos;
  throw core::ConfigError("unknown filter '" + name + "'", "",
                          core::did_you_mean(name, {"nearest", "bilinear", "bicubic", "lanczos"}));
}

Image resize(const Image& image, Size size, Filter filter) {
  if (image.size() == size) return image;
  if (filter == Filter::kNearest) return resize_nearest(image, size);
  // Pillow skips a pass whose size does not change, and so must we: even an identity pass would be exact, but slow.
  if (size.width == image.width) return vertical(image, size.height, filter);
  const Image wide = horizontal(image, size.width, filter);
  return size.height == image.height ? wide : vertical(wide, size.height, filter);
}

Map resize_bilinear(const Map& map, Size size) {
  if (map.size() == size) return map;
  Map out(size.height, size.width);
  const auto source = [](int i, int in, int outside) {
    return std::max(0.0, (i + 0.5) * static_cast<double>(in) / outside - 0.5);
  };
  std::vector<int> left(size.width), right(size.width);
  std::vector<float> fraction(size.width);
  for (int x = 0; x < size.width; ++x) {
    const double at = source(x, map.width, size.width);
    left[x] = std::min(static_cast<int>(at), map.width - 1);
    right[x] = std::min(left[x] + 1, map.width - 1);
    fraction[x] = static_cast<float>(at - left[x]);
  }
  for (int y = 0; y < size.height; ++y) {
    const double at = source(y, map.height, size.height);
    const int top = std::min(static_cast<int>(at), map.height - 1);
    const float* row0 = map.row(top);
    const float* row1 = map.row(std::min(top + 1, map.height - 1));
    const float down = static_cast<float>(at - top);
    float* out_row = out.row(y);
    for (int x = 0; x < size.width; ++x) {
      const float upper = row0[left[x]] + fraction[x] * (row0[right[x]] - row0[left[x]]);
      const float lower = row1[left[x]] + fraction[x] * (row1[right[x]] - row1[left[x]]);
      out_row[x] = upper + down * (lower - upper);
    }
  }
  return out;
}

}  // namespace normadd::imaging
