// SPDX-License-Identifier: Apache-2.0
#include "imaging/overlay.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "core/error.h"

namespace normadd::imaging {
namespace {

constexpr int kSteps = 256;

std::array<Colour, kSteps> colours_of(Ramp ramp) {
  cv::Mat steps(1, kSteps, CV_8UC1);
  for (int i = 0; i < kSteps; ++i) steps.at<std::uint8_t>(i) = static_cast<std::uint8_t>(i);
  cv::Mat bgr;
  cv::applyColorMap(steps, bgr, ramp == Ramp::kInferno ? cv::COLORMAP_INFERNO : cv::COLORMAP_VIRIDIS);
  std::array<Colour, kSteps> colours;
  for (int i = 0; i < kSteps; ++i) {
    const auto& pixel = bgr.at<cv::Vec3b>(i);
    colours[i] = {pixel[2], pixel[1], pixel[0]};
  }
  return colours;
}

void put(Image& image, int y, int x, Colour colour) {
  std::uint8_t* pixel = image.row(y) + static_cast<std::size_t>(x) * 3;
  pixel[0] = colour.red;
  pixel[1] = colour.green;
  pixel[2] = colour.blue;
}

}  // namespace

Image colour_map(const Map& map, float low, float high, Ramp ramp) {
  const auto colours = colours_of(ramp);
  Image out(map.height, map.width, 3);
  for (int y = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x) {
      const float share = high > low ? (map.row(y)[x] - low) / (high - low) : 0.0f;
      const float step = std::isnan(share) ? 0.0f : std::clamp(share, 0.0f, 1.0f) * (kSteps - 1);
      put(out, y, x, colours[static_cast<std::size_t>(std::lround(step))]);
    }
  }
  return out;
}

Image heat_overlay(const Image& image, const Map& map, float low, float high, float strength) {
  NORMADD_CHECK(image.size() == map.size() && image.channels == 3,
                "an overlay needs an RGB image and a map of its size");
  const Image colours = colour_map(map, low, high);
  Image out(image.height, image.width, 3);
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    const float share = high > low ? std::clamp((map.values[i] - low) / (high - low), 0.0f, 1.0f) : 0.0f;
    const float weight = strength * share;
    for (std::size_t c = 3 * i; c < 3 * i + 3; ++c) {
      const float mixed =
          (1 - weight) * static_cast<float>(image.pixels[c]) + weight * static_cast<float>(colours.pixels[c]);
      out.pixels[c] = static_cast<std::uint8_t>(std::lround(mixed));
    }
  }
  return out;
}

Image colour_bar(Size size, Ramp ramp) {
  Map rise(size.height, size.width);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) rise.row(y)[x] = static_cast<float>(x);
  }
  return colour_map(rise, 0.0f, static_cast<float>(std::max(1, size.width - 1)), ramp);
}

void draw_mask_outline(Image& image, const Mask& mask, Colour colour, int thickness_px) {
  NORMADD_CHECK(image.size() == mask.size() && image.channels == 3 && mask.channels == 1,
                "an outline needs an RGB image and a mask of its size");
  cv::Mat set(mask.height, mask.width, CV_8UC1, const_cast<std::uint8_t*>(mask.pixels.data()));
  cv::Mat core;
  const int side = 2 * thickness_px + 1;
  // Pixels beyond the picture count as unset, so that a mask that touches the rim is closed there.
  cv::erode(set, core, cv::getStructuringElement(cv::MORPH_ELLIPSE, {side, side}), {-1, -1}, 1, cv::BORDER_CONSTANT,
            cv::Scalar(0));
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      if (mask.row(y)[x] != 0 && core.at<std::uint8_t>(y, x) == 0) put(image, y, x, colour);
    }
  }
}

}  // namespace normadd::imaging
