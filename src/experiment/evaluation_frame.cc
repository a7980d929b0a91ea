// SPDX-License-Identifier: Apache-2.0
#include "experiment/evaluation_frame.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "imaging/codec.h"

namespace normadd::experiment {
namespace {

std::optional<imaging::Mask> mask_of_image(const datasets::Sample& sample, imaging::Size image) {
  if (!sample.anomalous()) return imaging::Mask(image.height, image.width, 1);
  if (!sample.mask) return std::nullopt;
  imaging::Mask mask = imaging::read_mask(*sample.mask);
  if (!(mask.size() == image)) {
    throw core::DataError(
        fmt::format("the mask is {}x{}, its image {}x{}", mask.width, mask.height, image.width, image.height),
        sample.mask->string(), "Replace the mask; 'normadd data check' lists all such files.");
  }
  return mask;
}

}  // namespace

FramedMap framed(const datasets::Sample& sample, imaging::Map map, const imaging::Geometry& geometry,
                 const std::string& resolution) {
  const auto [lowest, highest] = std::minmax_element(map.values.begin(), map.values.end());
  FramedMap framed;
  framed.score = *highest;
  framed.mask = mask_of_image(sample, geometry.image);
  if (resolution == "image") {
    framed.map = imaging::map_in_image(map, geometry, *lowest);
    return framed;
  }
  framed.map = map.size() == geometry.crop ? std::move(map) : imaging::map_in_crop(map, geometry, geometry, 0);
  if (framed.mask) framed.mask = imaging::mask_in_crop(*framed.mask, geometry);
  return framed;
}

EvaluatedMap evaluated(const datasets::Sample& sample, const FramedMap& framed, std::optional<double> native_score) {
  return {sample.id,    sample.defect_type, framed.score,
          native_score, &framed.map,        framed.mask ? &*framed.mask : nullptr};
}

}  // namespace normadd::experiment
