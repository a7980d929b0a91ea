// SPDX-License-Identifier: Apache-2.0
#include "detectors/winclip.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/progress.h"
#include "detectors/saved_format.h"
#include "detectors/saved_tensors.h"
#include "detectors/window_grid.h"
#include "imaging/resample.h"
#include "networks/preprocessing.h"
#include "networks/safetensors.h"
#include "networks/transformer.h"

namespace normadd::detectors {
namespace {

constexpr int kFormat = 1;
constexpr double kGigabyte = 1024.0 * 1024.0 * 1024.0;

/// Fills what the options leave to the profile.
WinClipOptions completed(WinClipOptions options) {
  const bool anomalib = options.profile == "anomalib";
  if (!options.source.activation) options.source.activation = "auto";
  if (!options.few_shot_map) options.few_shot_map = anomalib ? "mean" : "sum";
  if (!options.patch_tokens) options.patch_tokens = anomalib ? "ln_post" : "raw";
  if (options.shots.shots == 0) options.shots = {};
  return options;
}

std::vector<double> as_doubles(const at::Tensor& values) {
  const at::Tensor doubles = values.to(at::kDouble).contiguous();
  return {doubles.data_ptr<double>(), doubles.data_ptr<double>() + doubles.numel()};
}

}  // namespace

void WinClipOptions::describe(config::Options& o) {
  o.field("name", name).help("registered name").one_of({"winclip"});
  o.field("profile", profile).help("whose numbers to reproduce").one_of({"reference", "anomalib"});
  source.describe(o);
  texts.describe(o);
  describe_few_shots(o, shots);
  o.field("temperature", temperature).help("cosines are divided by this").above(0);
  o.field("windows", windows).help("sides of the windows").unit("cells").at_least(1);
  o.field("precision", precision)
      .help("arithmetic of the image tower; bfloat16 is faster on processors that have it, and less exact")
      .one_of({"float32", "bfloat16"});
  o.field("few_shot_map", few_shot_map)
      .help("how zero- and few-shot maps are joined; null = the profile's")
      .one_of({"sum", "mean"});
  o.field("patch_tokens", patch_tokens)
      .help("tokens of single cells that shots are compared by; null = the profile's")
      .one_of({"raw", "ln_post"});
}

ClipRequest WinClipOptions::clip_request() const {
  return {source.clip, source.image_px, activation_named(source.activation.value_or("auto"))};
}

WinClip::WinClip(WinClipOptions options, std::shared_ptr<const networks::Clip> clip, std::string key)
    : options_(completed(std::move(options))),
      clip_(std::move(clip)),
      key_(std::move(key)),
      texts_(options_.texts, key_),
      shots_(options_.shots, key_),
      preprocessing_(preprocessing_for(*clip_, options_.source)) {
  require_text_tower(*clip_, key_);
  const int grid = clip_->config().grid();
  for (const int side : options_.windows) {
    if (side > grid) {
      throw core::ConfigError(fmt::format("a window of {0} x {0} cells does not fit a grid of {1} x {1}", side, grid),
                              key_ + ".windows", "Use smaller windows or a larger image_px.");
    }
    windows_.push_back(window_cells(grid, side));
  }
  tower_.emplace(clip_, windows_, networks::parse_precision(options_.precision));
}

std::int64_t WinClip::num_cells() const {
  return static_cast<std::int64_t>(clip_->config().grid()) * clip_->config().grid();
}

networks::WindowEmbeddings WinClip::encode(const imaging::Image& image) const {
  auto embeddings = tower_->encode(networks::preprocess({&image, 1}, preprocessing_), few_shot());
  bool finite = at::isfinite(embeddings.image).all().item<bool>();
  for (const auto& windows : embeddings.windows) finite = finite && at::isfinite(windows).all().item<bool>();
  if (!finite) {
    throw core::WeightsError("the image tower gives values that are not finite", options_.source.clip,
                             "Its weights are damaged, or too large for its precision.");
  }
  return embeddings;
}

at::Tensor WinClip::patch_tokens(const networks::WindowEmbeddings& embeddings) const {
  if (options_.patch_tokens == "raw") return embeddings.patches;
  return networks::layer_norm(embeddings.patches, clip_->weights(), "visual.ln_post");
}

void WinClip::fit(const ImageSource& train, std::uint64_t /*seed*/) {
  const at::NoGradGuard no_gradients;
  // Shots first: what is wrong with them shows before the texts take their time.
  const ImageSource chosen = few_shot() ? shots_.of(train) : ImageSource{};
  directions_ = texts_.directions(*clip_, train.category, TextMean::kPlain);
  std::vector<std::vector<at::Tensor>> tokens(1 + windows_.size());
  core::Progress progress("shots", chosen.count);
  for (std::size_t i = 0; i < chosen.count; ++i) {
    const auto embeddings = encode(chosen.read(i));
    tokens[0].push_back(patch_tokens(embeddings));
    for (std::size_t k = 0; k < windows_.size(); ++k) tokens[k + 1].push_back(embeddings.windows[k]);
    progress.advance();
  }
  memories_.clear();
  if (!few_shot()) return;
  for (const auto& of_scale : tokens) memories_.push_back(CosineMemory::of(of_scale));
}

/// softmax over two cosines is the sigmoid of their difference.
std::vector<double> WinClip::text_scores(const at::Tensor& embeddings) const {
  const at::Tensor units = embeddings / embeddings.norm(2, -1, /*keepdim=*/true).clamp_min(1e-12);
  const at::Tensor cosines = at::matmul(units, directions_.t()).to(at::kDouble);
  return as_doubles(at::sigmoid((cosines.select(-1, 1) - cosines.select(-1, 0)) / options_.temperature));
}

std::vector<double> WinClip::zero_shot_map(const networks::WindowEmbeddings& embeddings, double image_score) const {
  std::vector<double> inverse(static_cast<std::size_t>(num_cells()), 1 / image_score);
  for (std::size_t k = 0; k < windows_.size(); ++k) {
    const auto scores = harmonic_scores(windows_[k], text_scores(embeddings.windows[k]), num_cells());
    for (std::size_t i = 0; i < scores.size(); ++i) inverse[i] += 1 / scores[i];
  }
  const double num_scales = 1 + static_cast<double>(windows_.size());
  for (double& value : inverse) value = num_scales / value;
  return inverse;
}

std::vector<double> WinClip::few_shot_map(const networks::WindowEmbeddings& embeddings) const {
  std::vector<double> sum = as_doubles(memories_[0].distances(patch_tokens(embeddings)) / 2);
  for (std::size_t k = 0; k < windows_.size(); ++k) {
    const at::Tensor distances = memories_[k + 1].distances(embeddings.windows[k]) / 2;
    const auto scores = harmonic_scores(windows_[k], as_doubles(distances), num_cells());
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += scores[i];
  }
  const double num_scales = 1 + static_cast<double>(windows_.size());
  for (double& value : sum) value /= num_scales;
  return sum;
}

std::vector<Prediction> WinClip::predict(std::span<const imaging::Image> images,
                                         std::span<const std::string> /*ids*/) const {
  NORMADD_CHECK(directions_.defined(), "WinCLIP was neither fitted nor loaded");
  const at::NoGradGuard no_gradients;
  const int grid = clip_->config().grid();
  std::vector<Prediction> predictions;
  for (const auto& image : images) {
    const auto embeddings = encode(image);
    Prediction prediction;
    prediction.geometry = preprocessing_.geometry(image.size());
    prediction.score = text_scores(embeddings.image.unsqueeze(0)).front();
    std::vector<double> values = zero_shot_map(embeddings, prediction.score);
    if (few_shot()) {
      const std::vector<double> few = few_shot_map(embeddings);
      prediction.score = (prediction.score + *std::max_element(few.begin(), few.end())) / 2;
      const double share = options_.few_shot_map == "mean" ? 0.5 : 1.0;
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = share * (values[i] + few[i]);
    }
    imaging::Map cells(grid, grid);
    std::transform(values.begin(), values.end(), cells.values.begin(), [](double v) { return static_cast<float>(v); });
    prediction.map = imaging::resize_bilinear(cells, prediction.geometry.crop);
    predictions.push_back(std::move(prediction));
  }
  return predictions;
}

MemoryEstimate WinClip::memory_estimate(std::size_t num_train, imaging::Size /*image*/) const {
  const auto& tower = clip_->config().vision;
  std::int64_t rows = 1 + num_cells(), windows = 0;
  for (const auto& scale : windows_) {
    rows += scale.size(0) * (1 + scale.size(1));
    windows += scale.size(0);
  }
  const auto bytes = [](std::int64_t count) { return static_cast<std::uint64_t>(count) * sizeof(float); };
  const auto shots = few_shot() ? static_cast<std::int64_t>(shots_.count(num_train)) : 0;
  // Of a block: its input, normalised rows, projections, mixed values, middle; then the MLP's hidden rows, twice.
  const std::uint64_t pass = bytes(rows * (4 * tower.width + std::max(3 * tower.width, 2 * tower.mlp_width)));
  const std::uint64_t memory = bytes(shots * (num_cells() * tower.width + windows * clip_->config().embedding));
  MemoryEstimate estimate;
  estimate.fit_bytes = pass + 2 * memory;  // joined once from its parts
  estimate.predict_bytes = pass + memory;
  estimate.breakdown =
      fmt::format("{} windows, {} tokens in one pass = {:.2f} GiB, {} shots = {:.2f} GiB", windows, rows,
                  static_cast<double>(pass) / kGigabyte, shots, static_cast<double>(memory) / kGigabyte);
  return estimate;
}

nlohmann::ordered_json WinClip::identity() const {
  nlohmann::ordered_json json;
  json["clip"] = clip_identity(*clip_, preprocessing_);
  json["texts"] = texts_.identity();
  json["detector"] = {{"name", options_.name},
                      {"profile", options_.profile},
                      {"temperature", options_.temperature},
                      {"windows", options_.windows},
                      {"precision", options_.precision},
                      {"few_shot_map", *options_.few_shot_map},
                      {"patch_tokens", *options_.patch_tokens}};
  json["shots"] = few_shot() ? shots_.identity() : nlohmann::ordered_json("none");
  return json;
}

std::string WinClip::settings() const { return settings_text(identity()); }

void WinClip::save(const std::filesystem::path& path, const Notes& notes) const {
  NORMADD_CHECK(directions_.defined(), "WinCLIP was neither fitted nor loaded");
  networks::TensorMap tensors{{"text", directions_}};
  for (std::size_t k = 0; k < memories_.size(); ++k) tensors[fmt::format("memory.{}", k)] = memories_[k].rows();
  networks::write_safetensors(path, tensors, saved_header(notes, identity(), kFormat));
}

void WinClip::load(const std::filesystem::path& path) {
  const auto file = networks::SafetensorsFile::open(path);
  require_saved(file, identity(), kFormat);
  const std::int64_t embedding = clip_->config().embedding;
  at::Tensor directions = saved_tensor(file, "text", {2, embedding});
  std::vector<CosineMemory> memories;
  for (std::size_t k = 0; few_shot() && k <= windows_.size(); ++k) {
    memories.emplace_back(
        saved_tensor(file, fmt::format("memory.{}", k), {kAnyRows, k == 0 ? clip_->config().vision.width : embedding}));
  }
  directions_ = std::move(directions);
  memories_ = std::move(memories);
}

}  // namespace normadd::detectors
