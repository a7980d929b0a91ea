// SPDX-License-Identifier: Apache-2.0
#include "detectors/clip_source.h"

#include <array>
#include <nlohmann/json.hpp>

#include "core/error.h"

namespace normadd::detectors {
namespace {

constexpr std::array<const char*, 4> kFilterNames{"nearest", "bilinear", "bicubic", "lanczos"};

}  // namespace

void ClipSourceOptions::describe(config::Options& o) {
  o.field("clip", clip).help("CLIP model folder").required();
  o.field("activation", activation)
      .help("auto = as the model's configuration says; null = the profile's")
      .one_of({"auto", "gelu", "quick_gelu"});
  o.field("image_px", image_px).help("input size; null = the profile's").unit("px").at_least(1);
  o.field("resize_mode", resize_mode)
      .help("squash brings the whole picture to a square, shorter_side keeps the aspect and cuts")
      .one_of({"squash", "shorter_side"});
}

std::optional<networks::Activation> activation_named(const std::string& name) {
  if (name == "gelu") return networks::Activation::kGelu;
  if (name == "quick_gelu") return networks::Activation::kQuickGelu;
  return std::nullopt;
}

void require_text_tower(const networks::Clip& clip, const std::string& key) {
  if (clip.has_text()) return;
  throw core::WeightsError("the CLIP model has no text tower", key + ".clip", "Choose a model with both towers.");
}

networks::Preprocessing preprocessing_for(const networks::Clip& clip, const ClipSourceOptions& options) {
  networks::Preprocessing preprocessing = clip.preprocessing();
  preprocessing.mode = networks::parse_resize_mode(options.resize_mode);
  preprocessing.resize_px = clip.config().image_px;
  preprocessing.crop_px = clip.config().image_px;
  return preprocessing;
}

nlohmann::ordered_json clip_identity(const networks::Clip& clip, const networks::Preprocessing& preprocessing) {
  const auto& config = clip.config();
  return {{"weights_sha256", clip.weights_sha256()},
          {"activation", config.activation == networks::Activation::kGelu ? "gelu" : "quick_gelu"},
          {"image_px", config.image_px},
          {"patch_px", config.patch_px},
          {"resize_mode", preprocessing.mode == networks::ResizeMode::kSquash ? "squash" : "shorter_side"},
          {"filter", kFilterNames.at(static_cast<std::size_t>(preprocessing.filter))},
          {"mean", preprocessing.mean},
          {"std", preprocessing.std}};
}

void describe_few_shots(config::Options& o, ShotOptions& shots) {
  o.field("shots", shots.shots)
      .help("good images to compare with; null or 0 = none (zero-shot), or all of the shot list")
      .at_least(0);
  o.field("shot_seed", shots.shot_seed).help("draw the shots by this seed; null = the first ones by name").at_least(0);
  o.field("shot_list", shots.shot_list)
      .help("YAML file, CATEGORY: [image id, ...], that names the images to compare with; null = none");
}

bool few_shots_wanted(const ShotOptions& shots) {
  return shots.shot_list ? shots.shots.value_or(1) > 0 : shots.shots.value_or(0) > 0;
}

}  // namespace normadd::detectors
