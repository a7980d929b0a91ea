// SPDX-License-Identifier: Apache-2.0
#include "experiment/worst_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "imaging/codec.h"
#include "imaging/overlay.h"
#include "imaging/resample.h"
#include "imaging/tiling.h"
#include "reporting/escaping.h"
#include "reporting/picture_records.h"
#include "reporting/worst_errors.h"

namespace normadd::experiment {
namespace {

constexpr imaging::Colour kOutline = {255, 255, 255};

imaging::Size thumbnail_size(imaging::Size size) {
  const double scale = std::min(1.0, static_cast<double>(kThumbnail_px) / std::max(size.height, size.width));
  const auto side = [&](int length) { return std::max(1, static_cast<int>(std::lround(length * scale))); };
  return {side(size.height), side(size.width)};
}

imaging::Image thumbnail_of(const datasets::Sample& sample) {
  const imaging::Image image = imaging::in_colour(imaging::read_image(sample.image));
  const imaging::Size size = thumbnail_size(image.size());
  imaging::Image small = imaging::resize(image, size, imaging::Filter::kLanczos);
  if (sample.mask) {
    imaging::draw_mask_outline(
        small, imaging::resize(imaging::read_mask(*sample.mask), size, imaging::Filter::kNearest), kOutline);
  }
  return small;
}

}  // namespace

void write_worst_pictures(const datasets::Dataset& dataset, const std::filesystem::path& folder) {
  std::map<std::pair<std::string, std::string>, const datasets::Sample*> samples;
  for (const auto& category : dataset.categories) {
    for (const auto& sample : category.test) samples.emplace(std::pair(category.name, sample.id), &sample);
  }
  std::vector<reporting::Thumbnail> thumbnails;
  std::map<const datasets::Sample*, bool> is_there;
  const auto add = [&](const std::vector<reporting::ScoreError>& errors) {
    for (const auto& error : errors) {
      const datasets::Sample* sample = samples.at({error.category, error.image});
      if (is_there[sample]) continue;
      is_there[sample] = true;
      const std::string name =
          fmt::format("worst_{:02}_{}.png", thumbnails.size() + 1, reporting::file_name_text(error.image));
      imaging::write_png(folder / "images" / name, thumbnail_of(*sample), /*is_small=*/true);
      thumbnails.push_back({error.category, error.image, name});
    }
  };
  for (const auto& detector : reporting::worst_errors(reporting::read_run_scores(folder / "scores.csv"))) {
    add(detector.false_accepts);
    add(detector.false_rejects);
  }
  if (!thumbnails.empty()) reporting::write_thumbnails(folder / "images", thumbnails);
}

}  // namespace normadd::experiment
