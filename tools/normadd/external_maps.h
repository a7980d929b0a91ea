// SPDX-License-Identifier: Apache-2.0
// Another tool's maps, as the flags of a verb describe them.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "detectors/geometry_record.h"
#include "experiment/map_evaluation.h"
#include "imaging/geometry.h"
#include "imaging/map_codec.h"
#include "networks/preprocessing.h"
#include "normadd/command_line.h"

namespace normadd::tools {

struct MapSource {
  std::filesystem::path folder;
  imaging::MapScale scale;
  std::optional<networks::Preprocessing> preprocessing;        // none: as recorded, else maps cover the whole image
  detectors::GeometryRecord recorded;                          // of folder/geometry.json, which runs leave beside maps
  std::optional<std::map<std::string, double>> native_scores;  // by image id
  std::string native_scores_file;

  /// Where a map lies in its sample's image.
  imaging::Geometry geometry(const datasets::Sample& sample, const imaging::Map& map) const;
};

/// Flags: maps, scale, offset, resize, crop, resize-mode, scores. Throws for a folder or file that is not there or not
/// what it should be, and for sizes that do not fit together.
MapSource map_source_of(const cxxopts::ParseResult& flags);

/// Throws DataError when scores were given, but not for every test image.
void check_native_scores(const MapSource& source, const datasets::Category& category);

/// Reads and adds the map of every test image, one at a time; warns of images without a mask. files: by image id.
void add_maps(const datasets::Category& category, const std::map<std::string, std::filesystem::path>& files,
              const MapSource& source, const experiment::MetricsOptions& options,
              experiment::MapEvaluation& evaluation);

/// Maximum of the map of each training image. Throws DataError when some have none.
std::vector<double> train_maxima(const datasets::Category& category, const MapSource& source);

}  // namespace normadd::tools
