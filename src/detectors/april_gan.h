// SPDX-License-Identifier: Apache-2.0
// APRIL-GAN: patch tokens of several blocks, brought beside texts of a good and of a damaged product by one linear
// layer per block, and compared with the tokens of a few good images.
// Source: Chen et al., arXiv 2305.17382; profile reference = ByChelsea/VAND-APRIL-GAN (behaviour), profile model = what
// the given model and its layers say; docs/april_gan.md lists where this program differs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "config/options.h"
#include "detectors/clip_source.h"
#include "detectors/cosine_memory.h"
#include "detectors/detector.h"
#include "detectors/shot_selection.h"
#include "detectors/text_states.h"
#include "networks/dense_layers.h"

namespace normadd::detectors {

struct AprilGanOptions {
  std::string name = "april_gan";
  std::string profile = "model";
  ClipSourceOptions source;
  TextStateOptions texts;
  ShotOptions shots;  // none = zero-shot
  std::optional<std::string> dense_layers;
  std::optional<double> temperature;
  std::vector<int> taps;           // blocks counted from 1; empty = those of the layers
  std::vector<int> few_shot_taps;  // empty = taps
  std::string image_score = "cls";
  void describe(config::Options& options);
  ClipRequest clip_request() const;
};

class AprilGan : public Detector {
 public:
  /// key: where the options stand in the configuration, for messages. Throws WeightsError for a model without text
  /// tower and for layers that are missing or do not fit it, ConfigError for blocks that it lacks, and what TextStates
  /// and ShotSelection throw.
  AprilGan(AprilGanOptions options, std::shared_ptr<const networks::Clip> clip, std::string key = "detector");

  std::string name() const override { return options_.name; }
  /// Encodes the texts of train.category; reads only the shots. The seed is not used: shots have their own.
  void fit(const ImageSource& train, std::uint64_t seed) override;
  using Detector::predict;
  std::vector<Prediction> predict(std::span<const imaging::Image> images,
                                  std::span<const std::string> ids) const override;
  using Detector::save;
  void save(const std::filesystem::path& path, const Notes& notes) const override;
  void load(const std::filesystem::path& path) override;
  MemoryEstimate memory_estimate(std::size_t num_train, imaging::Size image) const override;
  std::string settings() const override;

 private:
  /// One pass of the image tower. Block numbers -> tokens.
  struct Tokens {
    at::Tensor embedding;            // [E]
    std::vector<at::Tensor> blocks;  // per entry of all_taps_ [N, W]
  };
  Tokens tokens_of(const imaging::Image& image) const;
  const at::Tensor& block_of(const Tokens& tokens, int tap) const;
  at::Tensor map_of(const Tokens& tokens, imaging::Size size) const;
  double image_score_of(const Tokens& tokens, const at::Tensor& map) const;
  bool few_shot() const { return few_shots_wanted(options_.shots); }
  nlohmann::ordered_json identity() const;

  AprilGanOptions options_;
  std::shared_ptr<const networks::Clip> clip_;
  std::string key_;
  TextStates texts_;
  ShotSelection shots_;
  networks::Preprocessing preprocessing_;
  networks::DenseLayers layers_;
  std::string layers_sha256_;
  std::vector<int> few_shot_taps_;
  std::vector<int> all_taps_;  // of both, ascending
  at::Tensor directions_;      // [2, E] unit length: normal, anomalous
  std::vector<CosineMemory> memories_;
};

}  // namespace normadd::detectors
