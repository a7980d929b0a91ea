// SPDX-License-Identifier: Apache-2.0
#include "reporting/panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.h"
#include "imaging/codec.h"
#include "imaging/lettering.h"
#include "imaging/overlay.h"
#include "imaging/resample.h"
#include "imaging/tiling.h"

namespace normadd::reporting {
namespace {

using imaging::Image;
using imaging::Map;
using imaging::Size;

constexpr int kTile_px = 224;
constexpr int kGutter_px = 10;
constexpr int kMargin_px = 16;
constexpr int kBar_px = 12;
constexpr int kLabel_px = 24;    // width of the column of labels
constexpr int kHeading_px = 28;  // height of the line of headings
constexpr int kCaption_px = 20;
constexpr int kRowGap_px = 4;
constexpr int kTitleGap_px = 8;
constexpr imaging::Colour kInk = {20, 20, 20};
constexpr imaging::Colour kFaintInk = {95, 95, 95};
constexpr imaging::Colour kOutline = {255, 255, 255};
constexpr imaging::Colour kNoMask = {236, 236, 236};
// The two scales mean different things, so they look different.
constexpr imaging::Ramp kAnomalyRamp = imaging::Ramp::kInferno;
constexpr imaging::Ramp kSuppressionRamp = imaging::Ramp::kViridis;

struct Scale {
  float low = 0, high = 1;
};

/// From zero, because the product rule scales A towards zero: half the score then looks half as far along the ramp.
Scale shared_scale(const std::vector<PanelRow>& rows) {
  Scale scale{0, 0};
  for (const auto& row : rows) {
    for (const float value : row.anomaly.values) {
      if (std::isfinite(value)) scale.high = std::max(scale.high, value);
    }
  }
  return scale;
}

Size tile_size(const PanelRow& row) {
  const double aspect = static_cast<double>(row.image.width) / row.image.height;
  return {kTile_px, std::max(1, static_cast<int>(std::lround(kTile_px * aspect)))};
}

/// Three significant digits, and whole numbers up to five places rather than powers of ten.
std::string value_text(double value) {
  const double size = std::abs(value);
  return size >= 1000 && size < 99999.5 ? fmt::format("{:.0f}", value) : fmt::format("{:#.3g}", value);
}

imaging::TextStyle small_text(imaging::Colour ink) { return {.capital_px = 9, .ink = ink}; }

/// A line of text, centred or at an edge of a strip of paper; at = 0 left, 0.5 centre, 1 right.
void place_text(Image& strip, const Image& text, double at) {
  imaging::paste(strip, text, (strip.height - text.height) / 2, static_cast<int>((strip.width - text.width) * at));
}

Image strip_with(const std::string& text, const imaging::TextStyle& style, int width, int height) {
  Image strip = imaging::filled({height, width}, imaging::kWhite);
  place_text(strip, imaging::text_image_within(text, style, width), 0.5);
  return strip;
}

Image outlined(Image tile, const PanelRow& row) {
  if (!row.mask.pixels.empty()) {
    imaging::draw_mask_outline(tile, imaging::resize(row.mask, tile.size(), imaging::Filter::kNearest), kOutline);
  }
  return tile;
}

Image image_tile(const PanelRow& row, Size size) {
  return outlined(imaging::resize(imaging::in_colour(row.image), size, imaging::Filter::kLanczos), row);
}

Image map_tile(const Map& map, Scale scale, imaging::Ramp ramp, const PanelRow& row, Size size) {
  return outlined(imaging::colour_map(imaging::resize_bilinear(map, size), scale.low, scale.high, ramp), row);
}

Image mask_tile(const PanelRow& row, Size size) {
  if (row.mask.pixels.empty()) {
    Image tile = imaging::filled(size, kNoMask);
    imaging::TextStyle style = small_text(kFaintInk);
    style.paper = kNoMask;
    const Image text = imaging::text_image_within("no mask file", style, size.width);
    imaging::paste(tile, text, (size.height - text.height) / 2, (size.width - text.width) / 2);
    return tile;
  }
  return imaging::in_colour(imaging::mask_to_grey(imaging::resize(row.mask, size, imaging::Filter::kNearest)));
}

Image captioned(const Image& tile, const std::string& caption) {
  return imaging::stacked({tile, strip_with(caption, small_text(kFaintInk), tile.width, kCaption_px)}, 0);
}

Image row_picture(const PanelRow& row, Scale scale) {
  const Size size = tile_size(row);
  Image label = imaging::filled({kTile_px, kLabel_px}, imaging::kWhite);
  const Image text = imaging::turned_left(
      imaging::text_image_within(row.label, {.capital_px = 11, .ink = kInk, .bold = true}, kTile_px));
  imaging::paste(label, text, (kTile_px - text.height) / 2, std::max(0, (label.width - text.width) / 2));
  const auto largest = std::max_element(row.suppression.values.begin(), row.suppression.values.end());
  return imaging::side_by_side(
      {captioned(label, ""), captioned(image_tile(row, size), ""), captioned(mask_tile(row, size), ""),
       captioned(map_tile(row.anomaly, scale, kAnomalyRamp, row, size),
                 fmt::format("score before: {}", value_text(row.score_before))),
       captioned(map_tile(row.suppression, {0, 1}, kSuppressionRamp, row, size),
                 fmt::format("largest: {:.2f}", *largest)),
       captioned(map_tile(row.fused, scale, kAnomalyRamp, row, size),
                 fmt::format("score after: {}", value_text(row.score_after)))},
      kGutter_px);
}

Image scale_picture(const std::string& name, const std::string& low, const std::string& high, imaging::Ramp ramp,
                    int width) {
  Image ticks = imaging::filled({20, width}, imaging::kWhite);
  place_text(ticks, imaging::text_image(low, small_text(kInk)), 0.0);
  place_text(ticks, imaging::text_image_within(name, small_text(kFaintInk), width / 2), 0.5);
  place_text(ticks, imaging::text_image(high, small_text(kInk)), 1.0);
  return imaging::stacked({imaging::colour_bar({kBar_px, width}, ramp), ticks}, 2);
}

/// Five tiles side by side, as row_picture puts them.
PanelTiles tiles_of(const PanelRow& row, int top) {
  const Size size = tile_size(row);
  const auto column = [&](int number) {
    return Rectangle{kMargin_px + kLabel_px + kGutter_px + number * (size.width + kGutter_px), top, size.width,
                     size.height};
  };
  return {column(0), column(1), column(2), column(3), column(4)};
}

}  // namespace

Panel draw_panel(const std::string& title, const std::vector<PanelRow>& rows) {
  NORMADD_CHECK(!rows.empty(), "a panel needs at least one row");
  const Scale scale = shared_scale(rows);
  const int tile_width = tile_size(rows.front()).width;
  const imaging::TextStyle heading{.capital_px = 12, .ink = kInk, .bold = true};

  const Image corner = imaging::filled({kHeading_px, kLabel_px}, imaging::kWhite);
  std::vector<Image> headings = {corner};
  for (const char* text : {"image", "ground truth", "A", "A_{sup}", "A_{final}"}) {
    headings.push_back(strip_with(text, heading, tile_width, kHeading_px));
  }
  std::vector<Image> parts = {imaging::side_by_side(headings, kGutter_px)};
  for (const auto& row : rows) parts.push_back(row_picture(row, scale));

  const Image gap = imaging::filled({1, tile_width}, imaging::kWhite);
  const std::string high = value_text(scale.high);
  const Image anomaly_scale = scale_picture("A and A_{final}", "0", high, kAnomalyRamp, tile_width);
  parts.push_back(
      imaging::side_by_side({imaging::filled({1, kLabel_px}, imaging::kWhite), gap, gap, anomaly_scale,
                             scale_picture("A_{sup}", "0", "1", kSuppressionRamp, tile_width), anomaly_scale},
                            kGutter_px));
  const Image body = imaging::stacked(parts, kRowGap_px);
  const Image line = imaging::text_image_within(title, {.capital_px = 14, .ink = kInk}, body.width - 34);
  const Image indented = imaging::side_by_side({imaging::filled({1, kLabel_px}, imaging::kWhite), line}, kGutter_px);
  Panel panel{imaging::with_margin(imaging::stacked({indented, body}, kTitleGap_px), kMargin_px), {}};
  int top = kMargin_px + indented.height + kTitleGap_px + kHeading_px + kRowGap_px;
  for (const auto& row : rows) {
    panel.rows.push_back(tiles_of(row, top));
    top += kTile_px + kCaption_px + kRowGap_px;
  }
  return panel;
}

}  // namespace normadd::reporting
