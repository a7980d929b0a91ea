// SPDX-License-Identifier: Apache-2.0
// Several detectors as one: their maps and scores, brought onto one scale by good pictures, averaged.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "config/options.h"
#include "detectors/detector.h"
#include "detectors/resources.h"
#include "detectors/value_scale.h"

namespace normadd::detectors {

struct EnsembleOptions {
  std::string name = "ensemble";
  config::MapEntries members;  // label -> a detector's section
  std::vector<double> weights;
  std::string normalisation = "min_max";
  double calibration_share = 0.2;
  void describe(config::Options& options);
};

struct EnsembleMember {
  std::string label;
  std::unique_ptr<Detector> detector;
};

/// map = sum of w_m * scale_m(A_m), in the first member's geometry (a member that did not see a place adds nothing
/// there); score = sum of w_m * scale'_m(native score of m); the weights are made to add up to 1.
///
/// The scales are learnt on good pictures that no member was fitted on, since a memory bank finds nothing on its own:
/// fit() sets a share of train/good aside, drawn by the seed, and fits the members on the rest.
class Ensemble : public Detector {
 public:
  /// Throws ConfigError for no members, labels that cannot name a file, and a wrong number of weights.
  Ensemble(EnsembleOptions options, std::vector<EnsembleMember> members, const std::string& key = "detector");
  /// Makes the members from their sections.
  static std::unique_ptr<Ensemble> make(const config::Value& node, const Resources& resources, const std::string& key);

  std::string name() const override { return options_.name; }
  /// Throws DataError for too few pictures to set some aside, and for members that give all good pictures one value.
  void fit(const ImageSource& train, std::uint64_t seed) override;
  using Detector::predict;
  std::vector<Prediction> predict(std::span<const imaging::Image> images,
                                  std::span<const std::string> ids) const override;
  /// PATH holds the scales and the checksums of the members' own files, PATH without extension +
  /// ".members/LABEL.safetensors". PATH is written last: without it, or with another's members, nothing loads.
  using Detector::save;
  void save(const std::filesystem::path& path, const Notes& notes) const override;
  void load(const std::filesystem::path& path) override;
  MemoryEstimate memory_estimate(std::size_t num_train, imaging::Size image) const override;
  std::string settings() const override;
  std::string input_hash(std::span<const std::string> ids) const override;

 private:
  struct Scales {
    ValueScale map, score;
  };

  nlohmann::ordered_json identity() const;
  void calibrate(const ImageSource& held_out);

  EnsembleOptions options_;
  std::vector<EnsembleMember> members_;
  std::vector<double> weights_;  // add up to 1
  std::vector<Scales> scales_;   // one per member; empty before fit
};

}  // namespace normadd::detectors
