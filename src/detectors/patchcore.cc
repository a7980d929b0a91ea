// SPDX-License-Identifier: Apache-2.0
#include "detectors/patchcore.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/error.h"
#include "core/progress.h"
#include "detectors/coreset.h"
#include "detectors/random_projection.h"
#include "detectors/saved_format.h"
#include "detectors/saved_identity.h"
#include "detectors/score_map.h"
#include "detectors/score_reweighting.h"
#include "networks/preprocessing.h"
#include "networks/safetensors.h"

namespace normadd::detectors {
namespace {

constexpr double kGigabyte = 1024.0 * 1024.0 * 1024.0;

std::int64_t coreset_size(double ratio, std::int64_t rows) {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(ratio * static_cast<double>(rows)));
}

// 1: neither numbered nor with the options that profiles differ in. 2: those, and the shots.
constexpr int kFileFormat = 2;

FeatureBank feature_bank(std::int64_t rows, std::int64_t dims) {
  try {
    return {rows, dims};
  } catch (const std::bad_alloc&) {
    throw core::ConfigError(fmt::format("this machine cannot give {:.3g} GiB for the features of the training images",
                                        static_cast<double>(rows * dims) * sizeof(float) / kGigabyte),
                            "detector.memory_limit_gb",
                            "Use fewer training images, or a smaller backbone.crop_px or detector.embedding_dims.");
  }
}

at::Tensor projection_matrix(Projection kind, std::int64_t input_dims, std::int64_t output_dims,
                             core::RandomStream& random) {
  const at::Tensor projection = kind == Projection::kSparse ? sparse_projection(input_dims, output_dims, random)
                                                            : uniform_projection(input_dims, output_dims, random);
  // Rows of zeros change no distance, and spare the selection a second copy of all projected rows.
  return at::constant_pad_nd(projection, {0, 0, 0, coreset_padded_dims(output_dims) - output_dims});
}

}  // namespace

PatchCore::PatchCore(const PatchCoreOptions& options, std::shared_ptr<const networks::FeatureExtractor> extractor)
    : options_(options), settings_(options.settings()), shots_(options.few_shot), extractor_(std::move(extractor)) {}

const at::Tensor& PatchCore::bank() const {
  NORMADD_CHECK(neighbours_.has_value(), "PatchCore was neither fitted nor loaded");
  return neighbours_->bank();
}

std::int64_t PatchCore::dims() const { return embedding_dims(extractor_->channels(), settings_.embedding); }

at::Tensor PatchCore::embed(std::span<const imaging::Image> images) const {
  return patch_embeddings(extractor_->features(networks::preprocess(images, extractor_->preprocessing())),
                          settings_.embedding);
}

MemoryEstimate PatchCore::memory_estimate(std::size_t num_train, imaging::Size image) const {
  const imaging::Geometry geometry = extractor_->preprocessing().geometry(image);
  const imaging::Size grid = extractor_->grids(geometry.crop).front();
  const std::int64_t per_image = static_cast<std::int64_t>(grid.height) * grid.width;
  const std::int64_t rows = static_cast<std::int64_t>(shots_.count(num_train)) * per_image;
  const std::int64_t kept = coreset_size(settings_.coreset_ratio, rows);
  const bool all = kept == rows;
  const auto bytes = [](std::int64_t count) { return static_cast<std::uint64_t>(count) * sizeof(float); };
  const std::int64_t projected_dims = all ? 0 : coreset_padded_dims(settings_.projected_dims(rows));
  const std::uint64_t features = bytes(rows * dims()), projected = bytes(rows * projected_dims);
  const std::uint64_t selection = all ? 0 : coreset_working_bytes(rows, projected_dims, kept);
  const std::uint64_t bank = bytes(kept * dims());
  // Of one image: all layers, and one of them once more while it is pooled.
  const bool adaptive = settings_.embedding.pooling == Pooling::kAdaptive;
  const std::uint64_t planes = bytes(
      per_image * (adaptive ? settings_.embedding.layer_dims * (std::ssize(extractor_->channels()) + 1) : 2 * dims()));
  MemoryEstimate estimate;
  estimate.fit_bytes = features + projected + selection + planes;
  estimate.predict_bytes = bank + planes + NearestNeighbours::working_bytes(kept);
  estimate.breakdown =
      fmt::format("{} patches x {} = {:.2f} GiB of features, {:.2f} GiB projected, {} of them kept = {:.2f} GiB", rows,
                  dims(), static_cast<double>(features) / kGigabyte, static_cast<double>(projected) / kGigabyte, kept,
                  static_cast<double>(bank) / kGigabyte);
  return estimate;
}

FeatureBank PatchCore::training_features(const ImageSource& train) const {
  if (train.count == 0) {
    throw core::DataError("there are no training images", "", "Put good images into the category's train/good folder.");
  }
  const imaging::Image first = train.read(0);
  require_memory(train.count, first.size());
  const imaging::Geometry geometry = extractor_->preprocessing().geometry(first.size());
  const imaging::Size grid = extractor_->grids(geometry.crop).front();
  const std::int64_t per_image = static_cast<std::int64_t>(grid.height) * grid.width;
  FeatureBank bank = feature_bank(static_cast<std::int64_t>(train.count) * per_image, dims());
  at::Tensor features = bank.rows();
  core::Progress progress("features", train.count);
  for (std::size_t begin = 0; begin < train.count; begin += static_cast<std::size_t>(options_.batch_size)) {
    const std::size_t end = std::min(train.count, begin + static_cast<std::size_t>(options_.batch_size));
    std::vector<imaging::Image> images;
    for (std::size_t i = begin; i < end; ++i) {
      images.push_back(i == 0 ? first : train.read(i));
      const imaging::Size crop = extractor_->preprocessing().geometry(images.back().size()).crop;
      if (crop == geometry.crop) continue;
      throw core::DataError(fmt::format("training image number {} becomes {} x {} pixels, the first one {} x {}", i + 1,
                                        crop.width, crop.height, geometry.crop.width, geometry.crop.height),
                            "", "Set backbone.crop_px, or backbone.resize_mode=squash, so that all become alike.");
    }
    features.narrow(0, static_cast<std::int64_t>(begin) * per_image, static_cast<std::int64_t>(end - begin) * per_image)
        .copy_(embed(images));
    progress.advance(end - begin);
  }
  return bank;
}

std::vector<std::int64_t> PatchCore::coreset(const at::Tensor& features, std::uint64_t seed) const {
  const std::int64_t rows = features.size(0), kept = coreset_size(settings_.coreset_ratio, rows);
  if (kept == rows) {
    std::vector<std::int64_t> all(static_cast<std::size_t>(rows));
    std::iota(all.begin(), all.end(), std::int64_t{0});
    return all;
  }
  core::RandomStream projection_stream(seed, "coreset projection"), start_stream(seed, "coreset starts");
  const at::Tensor projected = project(features, projection_matrix(settings_.projection, features.size(1),
                                                                   settings_.projected_dims(rows), projection_stream));
  std::vector<std::int64_t> selected = random_rows(rows, settings_.num_starts, start_stream);
  if (settings_.coreset_start != CoresetStart::kRowKept) return greedy_coreset(projected, selected, kept, "coreset");
  const auto others = greedy_coreset(projected, selected, kept - 1, "coreset");
  selected.insert(selected.end(), others.begin(), others.end());
  return selected;
}

void PatchCore::fit(const ImageSource& train, std::uint64_t seed) {
  const ImageSource chosen = shots_.of(train);
  neighbours_.reset();  // those of another category
  FeatureBank features = training_features(chosen);
  const auto selected = coreset(features.rows(), seed);
  adopt(std::move(features).keep(selected), "detector.neighbours");
}

void PatchCore::require_memory(std::size_t num_train, imaging::Size image) const {
  const MemoryEstimate estimate = memory_estimate(num_train, image);
  if (static_cast<double>(estimate.fit_bytes) <= options_.memory_limit_gb * kGigabyte) return;
  throw core::ConfigError(
      fmt::format("fitting PatchCore would need {:.3g} GiB ({}), the limit is {:.3g} GiB",
                  static_cast<double>(estimate.fit_bytes) / kGigabyte, estimate.breakdown, options_.memory_limit_gb),
      "detector.memory_limit_gb",
      "Use fewer training images, a smaller backbone.crop_px or detector.embedding_dims, or raise the limit.");
}

void PatchCore::adopt(at::Tensor bank, const std::string& where) {
  if (bank.size(0) < settings_.neighbours) {
    throw core::ConfigError(fmt::format("the memory bank has {} rows, fewer than the {} neighbours asked for",
                                        bank.size(0), settings_.neighbours),
                            where, "Lower detector.neighbours or raise detector.coreset_ratio.");
  }
  neighbours_.emplace(std::move(bank));
}

Prediction PatchCore::prediction(const at::Tensor& queries, imaging::Size image) const {
  const Neighbours found = neighbours_->find(queries, settings_.neighbours);
  Prediction prediction;
  prediction.geometry = extractor_->preprocessing().geometry(image);
  const imaging::Size grid = extractor_->grids(prediction.geometry.crop).front();
  imaging::Map patches(grid.height, grid.width);
  const auto k = static_cast<std::size_t>(found.k);
  for (std::size_t i = 0; i < patches.values.size(); ++i) {
    double sum = 0;
    for (std::size_t j = i * k; j < (i + 1) * k; ++j) {
      const double squared = found.squared_distances[j];
      sum += settings_.squared ? squared : std::sqrt(squared);
    }
    patches.values[i] = static_cast<float>(sum / found.k);
  }
  const auto highest = std::max_element(patches.values.begin(), patches.values.end());
  const auto at = highest - patches.values.begin();
  prediction.score = *highest * score_weight(*neighbours_, queries.narrow(0, at, 1),
                                             found.rows[static_cast<std::size_t>(at) * k], settings_.score_neighbours);
  prediction.map = score_map(patches, prediction.geometry.crop, settings_.map);
  return prediction;
}

std::vector<Prediction> PatchCore::predict(std::span<const imaging::Image> images,
                                           std::span<const std::string> /*ids*/) const {
  NORMADD_CHECK(neighbours_.has_value(), "PatchCore was neither fitted nor loaded");
  std::vector<Prediction> predictions;
  for (std::size_t begin = 0; begin < images.size(); begin += static_cast<std::size_t>(options_.batch_size)) {
    const auto batch =
        images.subspan(begin, std::min(images.size() - begin, static_cast<std::size_t>(options_.batch_size)));
    const at::Tensor queries = embed(batch);
    const std::int64_t per_image = queries.size(0) / std::ssize(batch);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      predictions.push_back(
          prediction(queries.narrow(0, static_cast<std::int64_t>(i) * per_image, per_image), batch[i].size()));
    }
  }
  return predictions;
}

nlohmann::ordered_json PatchCore::identity() const {
  // All that decides a prediction; what only decides how fast it comes (batch_size, memory_limit_gb) is left out.
  nlohmann::ordered_json json = extractor_identity(*extractor_);
  json["detector"]["name"] = options_.name;
  json["detector"].update(to_json(settings_));
  json["detector"].update(shots_.identity());
  return json;
}

std::string PatchCore::settings() const { return settings_text(identity()); }

void PatchCore::save(const std::filesystem::path& path, const Notes& notes) const {
  networks::write_safetensors(path, {{"bank", bank()}}, saved_header(notes, identity(), kFileFormat));
}

void PatchCore::load(const std::filesystem::path& path) {
  const auto file = networks::SafetensorsFile::open(path);
  require_saved(file, identity(), kFileFormat);
  at::Tensor bank = file.tensor("bank");
  if (bank.dim() != 2 || bank.size(0) == 0 || bank.size(1) != dims() || bank.scalar_type() != at::kFloat) {
    throw core::WeightsError(fmt::format("the tensor 'bank' is not float32 [rows, {}]", dims()), path.string(),
                             "Fit the detector again.");
  }
  if (!at::isfinite(bank).all().item<bool>()) {
    throw core::WeightsError("the tensor 'bank' has values that are not finite", path.string(),
                             "Fit the detector again.");
  }
  adopt(bank.contiguous(), path.string());
}

}  // namespace normadd::detectors
