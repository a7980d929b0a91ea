// SPDX-License-Identifier: Apache-2.0
#include "imaging/lettering.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace normadd::imaging {
namespace {

// Strokes are drawn this much larger and averaged down: OpenCV's own anti-aliasing is too coarse at these sizes.
constexpr int kOversampling = 4;
// Height of a capital of FONT_HERSHEY_SIMPLEX at scale 1, in pixels.
constexpr double kFontCapital = 21.0;
constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;

struct Piece {
  std::string text;
  bool lowered = false;
};

std::vector<Piece> pieces_of(const std::string& text) {
  std::vector<Piece> pieces;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t open = text.find("_{", at);
    const std::size_t close = open == std::string::npos ? open : text.find('}', open);
    if (close == std::string::npos) {
      pieces.push_back({text.substr(at)});
      break;
    }
    if (open > at) pieces.push_back({text.substr(at, open - at)});
    pieces.push_back({text.substr(open + 2, close - open - 2), true});
    at = close + 1;
  }
  return pieces;
}

struct Stroke {
  double scale;
  int thickness;
};

Stroke stroke_of(const Piece& piece, const TextStyle& style) {
  const double capital = style.capital_px * kOversampling * (piece.lowered ? 0.72 : 1.0);
  const double weight = style.bold ? 0.19 : 0.115;
  return {capital / kFontCapital, std::max(1, static_cast<int>(std::lround(capital * weight)))};
}

int width_of(const Piece& piece, const Stroke& stroke) {
  int base_line = 0;
  return cv::getTextSize(piece.text, kFont, stroke.scale, stroke.thickness, &base_line).width;
}

std::uint8_t mixed(std::uint8_t paper, std::uint8_t ink, int coverage) {
  return static_cast<std::uint8_t>((paper * (255 - coverage) + ink * coverage + 127) / 255);
}

}  // namespace

Image text_image(const std::string& text, const TextStyle& style) {
  const auto pieces = pieces_of(text);
  int large_width = kOversampling;
  for (const auto& piece : pieces) large_width += width_of(piece, stroke_of(piece, style));
  const int above = static_cast<int>(std::ceil(style.capital_px * 1.2));
  const int below = static_cast<int>(std::ceil(style.capital_px * 0.5));
  Image out(above + below, (large_width + kOversampling - 1) / kOversampling + 1, 3);

  cv::Mat large = cv::Mat::zeros(out.height * kOversampling, out.width * kOversampling, CV_8UC1);
  int x = kOversampling / 2;
  for (const auto& piece : pieces) {
    const Stroke stroke = stroke_of(piece, style);
    const double base_line = above + (piece.lowered ? style.capital_px * 0.22 : 0.0);
    cv::putText(large, piece.text, {x, static_cast<int>(std::lround(base_line * kOversampling))}, kFont, stroke.scale,
                cv::Scalar(255), stroke.thickness, cv::LINE_AA);
    x += width_of(piece, stroke);
  }
  cv::Mat coverage;
  cv::resize(large, coverage, {out.width, out.height}, 0, 0, cv::INTER_AREA);
  for (int y = 0; y < out.height; ++y) {
    for (int column = 0; column < out.width; ++column) {
      const int share = coverage.at<std::uint8_t>(y, column);
      std::uint8_t* pixel = out.row(y) + static_cast<std::size_t>(column) * 3;
      pixel[0] = mixed(style.paper.red, style.ink.red, share);
      pixel[1] = mixed(style.paper.green, style.ink.green, share);
      pixel[2] = mixed(style.paper.blue, style.ink.blue, share);
    }
  }
  return out;
}

Image text_image_within(const std::string& text, TextStyle style, int width_px) {
  constexpr double kSmallest = 5.0;
  Image image = text_image(text, style);
  while (image.width > width_px && style.capital_px > kSmallest) {
    style.capital_px = std::max(kSmallest, std::min(style.capital_px - 0.5, style.capital_px * width_px / image.width));
    image = text_image(text, style);
  }
  if (image.width <= width_px) return image;
  // Even the smallest letters are too many: keep the beginning.
  const std::string dots = "...";
  std::string start = text;
  while (!start.empty() && image.width > width_px) {
    start.pop_back();
    image = text_image(start + dots, style);
  }
  return image;
}

Image turned_left(const Image& image) {
  Image out(image.width, image.height, image.channels);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      std::copy_n(image.row(x) + static_cast<std::size_t>(image.width - 1 - y) * image.channels, image.channels,
                  out.row(y) + static_cast<std::size_t>(x) * image.channels);
    }
  }
  return out;
}

}  // namespace normadd::imaging
