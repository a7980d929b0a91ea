// SPDX-License-Identifier: Apache-2.0
// CLIP's image tower as a feature extractor: the patch tokens of chosen blocks as maps, so that detectors which compare
// patches (PatchCore, PaDiM) run on them.
// Shapes: B images, W tower width, h x w patch grid.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "networks/clip.h"
#include "networks/feature_extractor.h"

namespace normadd::networks {

/// Whether each token is brought to mean 0 and variance 1 over its W channels (layer norm without learned scale and
/// shift). Raw tokens of some blocks have a few channels so large that they alone decide every distance.
enum class TokenNorm { kNone, kLayer };

class ClipFeatureExtractor : public FeatureExtractor {
 public:
  /// taps: "block1" … "block<layers>", each once, in the order wanted; the model may be shared with others that read
  /// it. preprocessing: how pictures are prepared; the model's own by default. Positions are resized to the grid that
  /// comes of it. Throws ConfigError for unknown or repeated taps (nearest name) and for a size that is no multiple of
  /// the patch.
  ClipFeatureExtractor(const std::shared_ptr<const Clip>& clip, const std::vector<std::string>& taps,
                       TokenNorm norm = TokenNorm::kLayer);
  ClipFeatureExtractor(std::shared_ptr<const Clip> clip, const std::vector<std::string>& taps,
                       const Preprocessing& preprocessing, TokenNorm norm = TokenNorm::kLayer);

  /// Reads only the blocks up to the last tap. Throws WeightsError as Clip::load does.
  static std::unique_ptr<ClipFeatureExtractor> load(const std::filesystem::path& folder,
                                                    const std::vector<std::string>& taps,
                                                    TokenNorm norm = TokenNorm::kLayer);
  static std::unique_ptr<ClipFeatureExtractor> load(const ClipParts& parts, const std::vector<std::string>& taps,
                                                    Preprocessing preprocessing, TokenNorm norm = TokenNorm::kLayer);
  /// The same with another size or resampling; mean and std stay the model's own.
  static std::unique_ptr<ClipFeatureExtractor> load(const std::filesystem::path& folder,
                                                    const std::vector<std::string>& taps, Preprocessing preprocessing,
                                                    TokenNorm norm = TokenNorm::kLayer);

  /// [B, W, h, w] each, contiguous. Throws ConfigError when a side is no multiple of the patch.
  std::vector<at::Tensor> features(const at::Tensor& images) const override;
  std::vector<int> channels() const override;
  std::vector<imaging::Size> grids(imaging::Size input) const override;
  const Preprocessing& preprocessing() const override { return preprocessing_; }
  double flops(imaging::Size input) const override;
  std::string description() const override;
  const std::string& weights_sha256() const override { return clip_->weights_sha256(); }

 private:
  std::shared_ptr<const Clip> clip_;
  std::vector<int> blocks_;  // in the order asked for
  Preprocessing preprocessing_;
  TokenNorm norm_;
};

}  // namespace normadd::networks
