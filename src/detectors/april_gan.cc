// SPDX-License-Identifier: Apache-2.0
#include "detectors/april_gan.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/hashing.h"
#include "core/log.h"
#include "core/progress.h"
#include "detectors/saved_format.h"
#include "detectors/saved_tensors.h"
#include "networks/preprocessing.h"
#include "networks/safetensors.h"

namespace normadd::detectors {
namespace {

constexpr int kFormat = 1;
constexpr double kGigabyte = 1024.0 * 1024.0 * 1024.0;
constexpr int kReferencePixels = 518;
const networks::DenseLayerFacts kReferenceLayers{{6, 12, 18, 24}, 100};

/// Fills what the options leave to the profile.
AprilGanOptions completed(AprilGanOptions options) {
  const bool reference = options.profile == "reference";
  if (!options.source.activation) options.source.activation = reference ? "gelu" : "auto";
  if (!options.source.image_px && reference) options.source.image_px = kReferencePixels;
  if (options.shots.shots == 0) options.shots = {};
  return options;
}

networks::DenseLayers load_layers(const AprilGanOptions& options, const networks::Clip& clip, const std::string& key) {
  const std::string how =
      "Train them with 'normadd train april-gan --clip MODEL --data DATASET --out OUT', or convert the published "
      "checkpoint to safetensors with names fc.0.weight, fc.0.bias, ...";
  if (!options.dense_layers) {
    throw core::WeightsError("APRIL-GAN needs its linear layers", key + ".dense_layers", how);
  }
  if (!std::filesystem::exists(*options.dense_layers)) {
    throw core::WeightsError("there is no file with APRIL-GAN's linear layers", *options.dense_layers, how);
  }
  networks::DenseLayerFacts unsaid = kReferenceLayers;
  if (!options.taps.empty()) unsaid.taps = options.taps;
  auto layers = networks::DenseLayers::load(*options.dense_layers, clip.config(), unsaid);
  if (!options.taps.empty() && options.taps != layers.taps) {
    throw core::ConfigError(fmt::format("the linear layers were trained for blocks {}", fmt::join(layers.taps, ", ")),
                            key + ".taps", fmt::format("Leave {}.taps empty, or choose other layers.", key));
  }
  if (options.temperature) layers.temperature = *options.temperature;
  if (!layers.clip_sha256.empty() && layers.clip_sha256 != clip.weights_sha256()) {
    core::log_warning(fmt::format("{}: these layers were trained over other CLIP weights than those of {}.clip",
                                  *options.dense_layers, key));
  }
  return layers;
}

void check_blocks(const std::vector<int>& taps, int layers, const std::string& key) {
  for (std::size_t i = 0; i < taps.size(); ++i) {
    if (taps[i] >= 1 && taps[i] <= layers && (i == 0 || taps[i] > taps[i - 1])) continue;
    throw core::ConfigError(fmt::format("the blocks {} do not fit a model of {} blocks", fmt::join(taps, ", "), layers),
                            key, "Name existing blocks, each once, in ascending order.");
  }
}

}  // namespace

void AprilGanOptions::describe(config::Options& o) {
  o.field("name", name).help("registered name").one_of({"april_gan"});
  o.field("profile", profile)
      .help("reference = 518 px and GELU, as the published numbers; model = as the CLIP model says")
      .one_of({"reference", "model"});
  source.describe(o);
  texts.describe(o);
  describe_few_shots(o, shots);
  o.field("dense_layers", dense_layers).help("safetensors with the trained linear layers, fc.N.weight and fc.N.bias");
  o.field("temperature", temperature).help("factor on cosines; null = that of the layers' training").above(0);
  o.field("taps", taps).help("blocks, counted from 1, that the layers are for; [] = as their file says");
  o.field("few_shot_taps", few_shot_taps).help("blocks whose tokens are compared with the shots; [] = taps");
  o.field("image_score", image_score)
      .help("cls = probability of the anomalous texts for the whole image, map_max = maximum of the map")
      .one_of({"cls", "map_max"});
}

ClipRequest AprilGanOptions::clip_request() const {
  const AprilGanOptions all = completed(*this);
  return {all.source.clip, all.source.image_px, activation_named(*all.source.activation)};
}

AprilGan::AprilGan(AprilGanOptions options, std::shared_ptr<const networks::Clip> clip, std::string key)
    : options_(completed(std::move(options))),
      clip_(std::move(clip)),
      key_(std::move(key)),
      texts_(options_.texts, key_),
      shots_(options_.shots, key_),
      preprocessing_(preprocessing_for(*clip_, options_.source)) {
  require_text_tower(*clip_, key_);
  const int blocks = clip_->config().vision.layers;
  check_blocks(options_.taps, blocks, key_ + ".taps");
  check_blocks(options_.few_shot_taps, blocks, key_ + ".few_shot_taps");
  layers_ = load_layers(options_, *clip_, key_);
  layers_sha256_ = core::sha256_hex_of_file(*options_.dense_layers);
  if (few_shot()) few_shot_taps_ = options_.few_shot_taps.empty() ? layers_.taps : options_.few_shot_taps;
  std::set<int> all(layers_.taps.begin(), layers_.taps.end());
  all.insert(few_shot_taps_.begin(), few_shot_taps_.end());
  all_taps_.assign(all.begin(), all.end());
}

AprilGan::Tokens AprilGan::tokens_of(const imaging::Image& image) const {
  const auto encoded = clip_->encode_image(networks::preprocess({&image, 1}, preprocessing_), all_taps_);
  Tokens tokens{encoded.embedding[0], {}};
  for (const auto& block : encoded.patches) tokens.blocks.push_back(block[0]);
  return tokens;
}

const at::Tensor& AprilGan::block_of(const Tokens& tokens, int tap) const {
  const auto found = std::find(all_taps_.begin(), all_taps_.end(), tap);
  return tokens.blocks[static_cast<std::size_t>(found - all_taps_.begin())];
}

void AprilGan::fit(const ImageSource& train, std::uint64_t /*seed*/) {
  const at::NoGradGuard no_gradients;
  // Shots first: what is wrong with them shows before the texts take their time.
  const ImageSource chosen = few_shot() ? shots_.of(train) : ImageSource{};
  directions_ = texts_.directions(*clip_, train.category, TextMean::kOfUnits);
  std::vector<std::vector<at::Tensor>> of_tap(few_shot_taps_.size());
  core::Progress progress("shots", chosen.count);
  for (std::size_t i = 0; i < chosen.count; ++i) {
    const Tokens tokens = tokens_of(chosen.read(i));
    for (std::size_t k = 0; k < of_tap.size(); ++k)
      of_tap[k].push_back(block_of(tokens, few_shot_taps_[k]).contiguous());
    progress.advance();
  }
  memories_.clear();
  for (const auto& tokens : of_tap) memories_.push_back(CosineMemory::of(tokens));
}

/// [1, 1, H, W]: sum over the blocks of softmax probabilities and, with shots, of distances. Both are enlarged with
/// aligned corners, the logits before the softmax; a softmax over two is the sigmoid of their difference.
at::Tensor AprilGan::map_of(const Tokens& tokens, imaging::Size size) const {
  const std::int64_t grid = clip_->config().grid();
  const auto enlarged = [&](const at::Tensor& cells) {
    return at::upsample_bilinear2d(cells.reshape({1, 1, grid, grid}), {size.height, size.width},
                                   /*align_corners=*/true);
  };
  at::Tensor sum = at::zeros({1, 1, size.height, size.width});
  const at::Tensor difference = directions_[1] - directions_[0];
  for (std::size_t i = 0; i < layers_.taps.size(); ++i) {
    const at::Tensor projected = layers_.project(i, block_of(tokens, layers_.taps[i]));
    sum.add_(enlarged(at::mv(projected, difference) * layers_.temperature).sigmoid_());
  }
  for (std::size_t k = 0; k < memories_.size(); ++k) {
    sum.add_(enlarged(memories_[k].distances(block_of(tokens, few_shot_taps_[k]))));
  }
  return sum;
}

double AprilGan::image_score_of(const Tokens& tokens, const at::Tensor& map) const {
  if (options_.image_score == "map_max") return map.max().item<double>();
  const at::Tensor cosines = at::mv(directions_, networks::unit_length(tokens.embedding)).to(at::kDouble);
  return at::sigmoid((cosines[1] - cosines[0]) * layers_.temperature).item<double>();
}

std::vector<Prediction> AprilGan::predict(std::span<const imaging::Image> images,
                                          std::span<const std::string> /*ids*/) const {
  NORMADD_CHECK(directions_.defined(), "APRIL-GAN was neither fitted nor loaded");
  const at::NoGradGuard no_gradients;
  std::vector<Prediction> predictions;
  for (const auto& image : images) {  // one by one, so that nothing depends on a batch
    const Tokens tokens = tokens_of(image);
    Prediction prediction;
    prediction.geometry = preprocessing_.geometry(image.size());
    const at::Tensor map = map_of(tokens, prediction.geometry.crop).contiguous();
    prediction.score = image_score_of(tokens, map);
    if (!at::isfinite(map).all().item<bool>() || !std::isfinite(prediction.score)) {
      throw core::WeightsError("the image tower gives values that are not finite", options_.source.clip,
                               "Its weights are damaged, or too large for its precision.");
    }
    prediction.map = imaging::Map(prediction.geometry.crop.height, prediction.geometry.crop.width);
    std::copy_n(map.data_ptr<float>(), prediction.map.values.size(), prediction.map.values.begin());
    predictions.push_back(std::move(prediction));
  }
  return predictions;
}

MemoryEstimate AprilGan::memory_estimate(std::size_t num_train, imaging::Size /*image*/) const {
  const auto& config = clip_->config();
  const std::int64_t cells = static_cast<std::int64_t>(config.grid()) * config.grid(), width = config.vision.width;
  const auto bytes = [](std::int64_t count) { return static_cast<std::uint64_t>(count) * sizeof(float); };
  const auto shots = few_shot() ? static_cast<std::int64_t>(shots_.count(num_train)) : 0;
  const std::int64_t attention = 2 * config.vision.heads * (cells + 1) * (cells + 1);
  const std::int64_t hidden = (cells + 1) * std::max<std::int64_t>(3 * width, 2 * config.vision.mlp_width);
  const std::uint64_t pass = bytes(std::max(attention, hidden) + (cells + 1) * width * 4 +
                                   static_cast<std::int64_t>(all_taps_.size()) * cells * width);
  const std::uint64_t memory = bytes(shots * static_cast<std::int64_t>(few_shot_taps_.size()) * cells * width);
  MemoryEstimate estimate;
  estimate.fit_bytes = pass + 2 * memory;  // joined once from its parts
  estimate.predict_bytes = pass + memory;
  estimate.breakdown =
      fmt::format("one pass over {} tokens = {:.2f} GiB, {} shots = {:.2f} GiB", cells + 1,
                  static_cast<double>(pass) / kGigabyte, shots, static_cast<double>(memory) / kGigabyte);
  return estimate;
}

nlohmann::ordered_json AprilGan::identity() const {
  nlohmann::ordered_json json;
  json["clip"] = clip_identity(*clip_, preprocessing_);
  json["texts"] = texts_.identity();
  json["detector"] = {{"name", options_.name},
                      {"profile", options_.profile},
                      {"taps", layers_.taps},
                      {"temperature", layers_.temperature},
                      {"dense_layers_sha256", layers_sha256_},
                      {"few_shot_taps", few_shot_taps_},
                      {"image_score", options_.image_score}};
  json["shots"] = few_shot() ? shots_.identity() : nlohmann::ordered_json("none");
  return json;
}

std::string AprilGan::settings() const { return settings_text(identity()); }

void AprilGan::save(const std::filesystem::path& path, const Notes& notes) const {
  NORMADD_CHECK(directions_.defined(), "APRIL-GAN was neither fitted nor loaded");
  networks::TensorMap tensors{{"text", directions_}};
  for (std::size_t k = 0; k < memories_.size(); ++k) tensors[fmt::format("memory.{}", k)] = memories_[k].rows();
  networks::write_safetensors(path, tensors, saved_header(notes, identity(), kFormat));
}

void AprilGan::load(const std::filesystem::path& path) {
  const auto file = networks::SafetensorsFile::open(path);
  require_saved(file, identity(), kFormat);
  at::Tensor directions = saved_tensor(file, "text", {2, clip_->config().embedding});
  std::vector<CosineMemory> memories;
  for (std::size_t k = 0; k < few_shot_taps_.size(); ++k) {
    memories.emplace_back(saved_tensor(file, fmt::format("memory.{}", k), {kAnyRows, clip_->config().vision.width}));
  }
  directions_ = std::move(directions);
  memories_ = std::move(memories);
}

}  // namespace normadd::detectors
