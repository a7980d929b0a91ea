// SPDX-License-Identifier: Apache-2.0
// What PatchCore can be told. A profile names whose numbers to reproduce; each way in which profiles differ is one
// option that is empty for the profile's own value. docs/patchcore.md has the table.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "config/options.h"
#include "detectors/patch_embedding.h"
#include "detectors/resources.h"
#include "detectors/score_map.h"
#include "detectors/shot_selection.h"

namespace normadd::detectors {

enum class Projection { kUniform, kSparse };

/// Where the greedy selection starts.
enum class CoresetStart {
  kMeanDistance,  // each patch's mean distance to some random patches, which are not taken for that
  kRowKept,       // one random patch, the first of the bank
  kRowLeftOut,    // one random patch, not taken for that
};

/// All values that decide a prediction, none of them left open.
struct PatchCoreSettings {
  std::string profile;
  PatchEmbeddingOptions embedding;
  double coreset_ratio = 0.1;
  Projection projection = Projection::kUniform;
  std::optional<int> projection_dims = 128;  // empty = from the bound with projection_epsilon
  double projection_epsilon = 0.9;
  CoresetStart coreset_start = CoresetStart::kMeanDistance;
  int num_starts = 10;
  int neighbours = 1;
  bool squared = true;
  int score_neighbours = 1;  // 1 = no re-weighting
  ScoreMapOptions map;

  /// Of the projection of that many patches.
  std::int64_t projected_dims(std::int64_t num_rows) const;
};

nlohmann::ordered_json to_json(const PatchCoreSettings& settings);

struct PatchCoreOptions {
  std::string name = "patchcore";
  std::string profile = "amazon";
  double coreset_ratio = 0.1;
  int neighbours = 1;
  std::optional<double> blur_sigma_px = 4.0;
  // Empty = the profile's.
  std::optional<std::string> pooling;
  std::optional<int> layer_dims;
  std::optional<int> embedding_dims;
  std::optional<std::string> projection;
  std::optional<int> projection_dims;
  std::optional<double> projection_epsilon;
  std::optional<std::string> coreset_start;
  std::optional<int> num_starts;
  std::optional<bool> squared;
  std::optional<bool> score_reweight;
  std::optional<int> score_neighbours;
  std::optional<std::string> upsampling;
  std::optional<std::string> blur_border;
  ShotOptions few_shot;
  int batch_size = 2;
  double memory_limit_gb = 16.0;

  void describe(config::Options& options);
  /// The profile's values with the options on top. Throws ConfigError for options that contradict each other.
  PatchCoreSettings settings() const;
  /// What the profile wants of the backbone.
  FeatureRequest feature_request() const;
};

}  // namespace normadd::detectors
