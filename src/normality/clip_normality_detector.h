// SPDX-License-Identifier: Apache-2.0
// The normality detector on CLIP's patch tokens.
// Source: arXiv 2407.19849 on APRIL-GAN (arXiv 2305.17382, section 3.1): per tapped block the tokens go through a
// linear layer and are compared with two text directions; softmax over {does not, does show t} of temperature x cosine,
// logits upsampled first. Differs: A_sup is the mean over blocks (APRIL-GAN adds them), so that it stays in [0, 1].
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <optional>

#include "config/options.h"
#include "networks/clip.h"
#include "networks/dense_layers.h"
#include "normality/normality_detector.h"

namespace normadd::normality {

struct ClipNormalityOptions {
  std::string name = "clip_dense";
  std::optional<std::string> dense_layers;  // safetensors with fc.N; null = CLIP's own ln_post and projection
  std::vector<int> taps;                    // 1-based blocks; empty = those of the dense layers
  std::optional<double> temperature;        // null = that of the dense layers' training
  std::optional<double> sup_blur_sigma_px;  // in pixels of the map
  int sup_dilate_px = 0;
  std::optional<int> map_px;  // side of A_sup; null = the model's input size
  std::string scaling = "probability";
  bool truncate_texts = false;
  void describe(config::Options& options);
};

class ClipNormalityDetector : public NormalityDetector {
 public:
  /// Throws ConfigError for taps the model lacks or when neither dense layers nor taps and temperature are given,
  /// WeightsError when the layers do not fit the model or the model has no text tower.
  ClipNormalityDetector(ClipNormalityOptions options, std::shared_ptr<const networks::Clip> clip);

  /// Throws ConfigError quoting a text that is too long (unless truncate_texts).
  void encode(std::span<const TextPair> pairs) override;
  std::size_t num_pairs() const override;
  std::vector<ImageFeatures> features(std::span<const imaging::Image> images) const override;
  imaging::Map suppression(const ImageFeatures& image, std::size_t pair) const override;
  std::string feature_settings() const override;
  std::string settings() const override;

 private:
  at::Tensor direction(const std::vector<std::string>& texts) const;
  at::Tensor projected(std::size_t tap, const at::Tensor& tokens) const;
  imaging::Map finished(imaging::Map map) const;

  ClipNormalityOptions options_;
  std::shared_ptr<const networks::Clip> clip_;
  std::optional<networks::DenseLayers> layers_;
  std::string layers_sha256_;  // empty without dense layers
  std::vector<int> taps_;
  double temperature_ = 0;
  std::map<std::string, at::Tensor> embeddings_;  // text -> unit vector, for all texts seen so far
  at::Tensor differences_;                        // [P, E]: positive minus negative direction
};

}  // namespace normadd::normality
