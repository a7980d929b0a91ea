// SPDX-License-Identifier: Apache-2.0
// The CLIP model behind a zero-shot detector: which one, how it is run, and how pictures are prepared for it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "config/options.h"
#include "detectors/resources.h"
#include "detectors/shot_selection.h"
#include "networks/clip.h"

namespace normadd::detectors {

struct ClipSourceOptions {
  std::string clip;
  std::optional<std::string> activation;
  std::optional<int> image_px;
  std::string resize_mode = "squash";
  /// Part of a detector's options: declares these fields.
  void describe(config::Options& options);
};

/// "auto" gives nothing: as the model's configuration says.
std::optional<networks::Activation> activation_named(const std::string& name);

/// Throws WeightsError for a model without text tower.
void require_text_tower(const networks::Clip& clip, const std::string& key);

/// The model's own preparation, with the detector's way of resizing.
networks::Preprocessing preprocessing_for(const networks::Clip& clip, const ClipSourceOptions& options);

/// For settings(): weights, activation, input size, preparation of pictures.
nlohmann::ordered_json clip_identity(const networks::Clip& clip, const networks::Preprocessing& preprocessing);

/// Few-shot is what is asked for by a number of shots above 0, or by a list. Declares shots, shot_seed and shot_list
/// for detectors that compare with no image by default.
void describe_few_shots(config::Options& options, ShotOptions& shots);
bool few_shots_wanted(const ShotOptions& shots);

}  // namespace normadd::detectors
