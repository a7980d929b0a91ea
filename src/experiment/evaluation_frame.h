// SPDX-License-Identifier: Apache-2.0
// A map and its mask on one grid, where pixel metrics compare them.
#pragma once

#include <optional>
#include <string>

#include "datasets/dataset.h"
#include "experiment/map_evaluation.h"
#include "imaging/geometry.h"

namespace normadd::experiment {

struct FramedMap {
  imaging::Map map;
  std::optional<imaging::Mask> mask;  // of the map's size; none where the mask file is missing
  double score = 0;                   // maximum of the map as it was made
};

/// map covers geometry's crop, at any resolution. resolution "map": the mask is brought to the crop (nearest), and the
/// map too where it is of another size (bilinear). "image": the map is brought to the original image (bilinear);
/// outside the crop, of which it says nothing, it gets its lowest value. Reads the sample's mask. Throws DataError for
/// an unreadable mask or one of another size than its image.
FramedMap framed(const datasets::Sample& sample, imaging::Map map, const imaging::Geometry& geometry,
                 const std::string& resolution);

/// What MapEvaluation::add takes; refers to framed.
EvaluatedMap evaluated(const datasets::Sample& sample, const FramedMap& framed, std::optional<double> native_score);

}  // namespace normadd::experiment
