// SPDX-License-Identifier: Apache-2.0
// WinCLIP: windows of an image against texts of a good and of a damaged product, and against windows of a few good
// images.
// Source: Jeong et al., arXiv 2303.14814. Profile reference = zqhang/Accurate-WinCLIP-pytorch, profile anomalib =
// anomalib 2's WinClipModel (behaviour); docs/winclip.md lists what they differ in and where this program differs.
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
#include "networks/clip_windows.h"

namespace normadd::detectors {

struct WinClipOptions {
  std::string name = "winclip";
  std::string profile = "reference";
  ClipSourceOptions source;
  TextStateOptions texts;
  ShotOptions shots;  // none = zero-shot
  double temperature = 0.07;
  std::vector<int> windows{2, 3};
  std::string precision = "float32";
  // What the profiles differ in; empty = as the profile has it.
  std::optional<std::string> few_shot_map;  // sum of the zero- and the few-shot map, or their mean
  std::optional<std::string> patch_tokens;  // raw output of the last block, or after ln_post
  void describe(config::Options& options);
  ClipRequest clip_request() const;
};

class WinClip : public Detector {
 public:
  /// key: where the options stand in the configuration, for messages. Throws WeightsError for a model without text
  /// tower, ConfigError for windows larger than its grid, and what TextStates and ShotSelection throw.
  WinClip(WinClipOptions options, std::shared_ptr<const networks::Clip> clip, std::string key = "detector");

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
  networks::WindowEmbeddings encode(const imaging::Image& image) const;
  at::Tensor patch_tokens(const networks::WindowEmbeddings& embeddings) const;
  std::vector<double> text_scores(const at::Tensor& embeddings) const;
  std::vector<double> zero_shot_map(const networks::WindowEmbeddings& embeddings, double image_score) const;
  std::vector<double> few_shot_map(const networks::WindowEmbeddings& embeddings) const;
  bool few_shot() const { return few_shots_wanted(options_.shots); }
  std::int64_t num_cells() const;
  nlohmann::ordered_json identity() const;

  WinClipOptions options_;
  std::shared_ptr<const networks::Clip> clip_;
  std::string key_;
  TextStates texts_;
  ShotSelection shots_;
  networks::Preprocessing preprocessing_;
  std::vector<at::Tensor> windows_;  // per scale [M, K]
  std::optional<networks::ClipWindows> tower_;
  at::Tensor directions_;               // [2, E] unit length: normal, anomalous
  std::vector<CosineMemory> memories_;  // few-shot: patches, then one per scale
};

}  // namespace normadd::detectors
