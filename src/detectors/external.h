// SPDX-License-Identifier: Apache-2.0
// A detector whose maps another tool has computed: normality addition needs nothing of a detector but its maps.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "config/options.h"
#include "detectors/detector.h"
#include "detectors/external_maps.h"
#include "detectors/geometry_record.h"

namespace normadd::detectors {

struct ExternalOptions {
  std::string name = "external";
  std::string root;
  std::optional<std::string> pattern;
  std::optional<std::string> covers;
  std::string resize_mode = "shorter_side";
  int resize_px = 256;
  int crop_px = 224;
  std::optional<double> scale;
  double offset = 0;
  std::string signed_maps = "refuse";
  std::optional<std::string> scores;
  void describe(config::Options& options);
};

class External : public Detector {
 public:
  /// key: the detector's section, for messages. Reads the table of scores and the recorded geometry. Throws ConfigError
  /// for a pattern with unknown parts and for impossible sizes, DataError for a missing folder of maps and for tables
  /// that are missing or damaged.
  explicit External(ExternalOptions options, const std::string& key = "detector");

  std::string name() const override { return options_.name; }
  /// Reads no picture. signed = shift: reads the maps of the training pictures for their minimum, which needs
  /// train.ids (DataError otherwise).
  void fit(const ImageSource& train, std::uint64_t seed) override;
  /// score: the other tool's, else the map's maximum. Throws DataError without ids, and naming the file for maps that
  /// are missing, unreadable, of another size than the options state, or negative where that is refused. With shift,
  /// what lies below every training map becomes 0.
  using Detector::predict;
  std::vector<Prediction> predict(std::span<const imaging::Image> images,
                                  std::span<const std::string> ids) const override;
  using Detector::save;
  void save(const std::filesystem::path& path, const Notes& notes) const override;
  void load(const std::filesystem::path& path) override;
  MemoryEstimate memory_estimate(std::size_t num_train, imaging::Size image) const override;
  std::string settings() const override;
  std::string input_hash(std::span<const std::string> ids) const override;

 private:
  nlohmann::ordered_json identity() const;
  imaging::Geometry stated_geometry(imaging::Size image, imaging::Size map) const;
  imaging::Geometry geometry_of(imaging::Size image, const ExternalMaps::Found& found) const;
  double score_of(const std::string& id, const imaging::Map& map) const;

  ExternalOptions options_;
  ExternalMaps maps_;
  GeometryRecord recorded_;               // for covers = recorded
  std::map<std::string, double> scores_;  // id -> the other tool's image score
  std::optional<double> lowest_;          // over train/good, at most 0; empty before fit
};

}  // namespace normadd::detectors
