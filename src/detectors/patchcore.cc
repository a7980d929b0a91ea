// SPDX-License-Identifier: Apache-2.0
#include "detectors/patchcore.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/progress.h"
#include "detectors/coreset.h"
#include "detectors/patch_embedding.h"
#include "detectors/saved_identity.h"
#include "imaging/gaussian.h"
#include "imaging/resample.h"
#include "networks/preprocessing.h"
#include "networks/safetensors.h"

namespace normadd::detectors {
namespace {

constexpr double kGigabyte = 1024.0 * 1024.0 * 1024.0;

std::int64_t coreset_size(double ratio, std::int64_t rows) {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(ratio * static_cast<double>(rows)));
}

at::Tensor feature_bank(std::int64_t rows, std::int64_t dims) {
  try {
    return at::empty({rows, dims});
  } catch (const c10::Error&) {
    throw core::ConfigError(fmt::format("this machine cannot give {:.3g} GiB for the features of the training images",
                                        static_cast<double>(rows * dims) * sizeof(float) / kGigabyte),
                            "detector.memory_limit_gb",
                            "Use fewer training images, or a smaller backbone.crop_px or detector.embedding_dims.");
  }
}

}  // namespace

void PatchCoreOptions::describe(config::Options& o) {
  o.field("name", name).help("registered name").one_of({"patchcore"});
  o.field("profile", profile).help("whose numbers to reproduce").one_of({"amazon"});
  o.field("coreset_ratio", coreset_ratio)
      .help("share of the training patches kept in the memory bank")
      .above(0)
      .range(0, 1);
  o.field("projection_dims", projection_dims)
      .help("dimensions of the random projection that the coreset is chosen in")
      .at_least(1);
  o.field("num_starts", num_starts).help("random rows whose mean distance starts the coreset").at_least(1);
  o.field("layer_dims", layer_dims).help("dimensions of a patch per tapped layer").at_least(1);
  o.field("embedding_dims", embedding_dims).help("dimensions of a patch in the memory bank").at_least(1);
  o.field("neighbours", neighbours)
      .help("nearest rows of the memory bank whose mean distance scores a patch")
      .at_least(1);
  o.field("squared", squared).help("score by squared instead of plain Euclidean distances");
  o.field("blur_sigma_px", blur_sigma_px)
      .help("Gaussian on the anomaly map; null = none")
      .unit("px")
      .above(0)
      .range(0, imaging::kLargestSigma);
  o.field("batch_size", batch_size).help("images per pass of the network; does not change results").at_least(1);
  o.field("memory_limit_gb", memory_limit_gb).help("refuse to start a fit that would need more").unit("GiB").above(0);
}

FeatureRequest PatchCoreOptions::feature_request() const { return {}; }

PatchCore::PatchCore(PatchCoreOptions options, std::shared_ptr<const networks::FeatureExtractor> extractor)
    : options_(std::move(options)), extractor_(std::move(extractor)) {}

const at::Tensor& PatchCore::bank() const {
  NORMADD_CHECK(neighbours_.has_value(), "PatchCore was neither fitted nor loaded");
  return neighbours_->bank();
}

at::Tensor PatchCore::embed(std::span<const imaging::Image> images) const {
  const auto maps = extractor_->features(networks::preprocess(images, extractor_->preprocessing()));
  return patch_embeddings(maps, {options_.layer_dims, options_.embedding_dims});
}

MemoryEstimate PatchCore::memory_estimate(std::size_t num_train, imaging::Size image) const {
  const imaging::Geometry geometry = extractor_->preprocessing().geometry(image);
  const imaging::Size grid = extractor_->grids(geometry.crop).front();
  const auto rows = static_cast<std::int64_t>(num_train) * grid.height * grid.width;
  const auto kept = coreset_size(options_.coreset_ratio, rows);
  const auto bytes = [](std::int64_t count) { return static_cast<std::uint64_t>(count) * sizeof(float); };
  const std::uint64_t features = bytes(rows * options_.embedding_dims),
                      projected = bytes(rows * options_.projection_dims);
  const std::uint64_t bank = bytes(kept * options_.embedding_dims);
  const std::uint64_t selection = coreset_working_bytes(rows, options_.projection_dims, kept);
  const std::uint64_t planes = bytes(static_cast<std::int64_t>(grid.height) * grid.width * options_.layer_dims *
                                     static_cast<std::int64_t>(extractor_->channels().size() + 1));
  MemoryEstimate estimate;
  estimate.fit_bytes = features + projected + selection + bank + planes;
  estimate.predict_bytes = bank + planes + NearestNeighbours::working_bytes(kept);
  estimate.breakdown =
      fmt::format("{} patches x {} = {:.2f} GiB of features, {:.2f} GiB projected, {} of them kept = {:.2f} GiB", rows,
                  options_.embedding_dims, static_cast<double>(features) / kGigabyte,
                  static_cast<double>(projected) / kGigabyte, kept, static_cast<double>(bank) / kGigabyte);
  return estimate;
}

at::Tensor PatchCore::training_features(const ImageSource& train) const {
  if (train.count == 0) {
    throw core::DataError("there are no training images", "", "Put good images into the category's train/good folder.");
  }
  const imaging::Image first = train.read(0);
  const imaging::Geometry geometry = extractor_->preprocessing().geometry(first.size());
  const MemoryEstimate estimate = memory_estimate(train.count, first.size());
  if (static_cast<double>(estimate.fit_bytes) > options_.memory_limit_gb * kGigabyte) {
    throw core::ConfigError(
        fmt::format("fitting PatchCore would need {:.3g} GiB ({}), the limit is {:.3g} GiB",
                    static_cast<double>(estimate.fit_bytes) / kGigabyte, estimate.breakdown, options_.memory_limit_gb),
        "detector.memory_limit_gb",
        "Use fewer training images, a smaller backbone.crop_px or detector.embedding_dims, or raise the limit.");
  }
  const imaging::Size grid = extractor_->grids(geometry.crop).front();
  const std::int64_t per_image = static_cast<std::int64_t>(grid.height) * grid.width;
  at::Tensor features = feature_bank(static_cast<std::int64_t>(train.count) * per_image, options_.embedding_dims);
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
  return features;
}

void PatchCore::fit(const ImageSource& train, std::uint64_t seed) {
  const at::Tensor features = training_features(train);
  core::RandomStream projection_stream(seed, "coreset projection"), start_stream(seed, "coreset starts");
  const at::Tensor projected =
      project(features, random_projection(options_.embedding_dims, options_.projection_dims, projection_stream));
  const auto starts = random_rows(features.size(0), options_.num_starts, start_stream);
  const auto selected =
      greedy_coreset(projected, starts, coreset_size(options_.coreset_ratio, features.size(0)), "coreset");
  adopt(features.index_select(0, at::tensor(selected, at::kLong)), "detector.neighbours");
}

void PatchCore::adopt(at::Tensor bank, const std::string& where) {
  if (bank.size(0) < options_.neighbours) {
    throw core::ConfigError(fmt::format("the memory bank has {} rows, fewer than the {} neighbours asked for",
                                        bank.size(0), options_.neighbours),
                            where, "Lower detector.neighbours or raise detector.coreset_ratio.");
  }
  neighbours_.emplace(std::move(bank));
}

std::vector<float> PatchCore::patch_scores(const at::Tensor& queries) const {
  const Neighbours found = neighbours_->find(queries, options_.neighbours);
  std::vector<float> scores;
  scores.reserve(found.rows.size() / static_cast<std::size_t>(found.k));
  for (std::size_t i = 0; i < found.rows.size(); i += static_cast<std::size_t>(found.k)) {
    double sum = 0;
    for (std::size_t j = i; j < i + static_cast<std::size_t>(found.k); ++j) {
      const double squared = found.squared_distances[j];
      sum += options_.squared ? squared : std::sqrt(squared);
    }
    scores.push_back(static_cast<float>(sum / found.k));
  }
  return scores;
}

std::vector<Prediction> PatchCore::predict(std::span<const imaging::Image> images,
                                           std::span<const std::string> /*ids*/) const {
  NORMADD_CHECK(neighbours_.has_value(), "PatchCore was neither fitted nor loaded");
  std::vector<Prediction> predictions;
  for (std::size_t begin = 0; begin < images.size(); begin += static_cast<std::size_t>(options_.batch_size)) {
    const auto batch =
        images.subspan(begin, std::min(images.size() - begin, static_cast<std::size_t>(options_.batch_size)));
    const std::vector<float> scores = patch_scores(embed(batch));
    const std::size_t per_image = scores.size() / batch.size();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      Prediction prediction;
      prediction.geometry = extractor_->preprocessing().geometry(batch[i].size());
      const imaging::Size grid = extractor_->grids(prediction.geometry.crop).front();
      imaging::Map patches(grid.height, grid.width);
      std::copy_n(scores.begin() + static_cast<std::ptrdiff_t>(i * per_image), per_image, patches.values.begin());
      prediction.score = *std::max_element(patches.values.begin(), patches.values.end());
      prediction.map = imaging::resize_bilinear(patches, prediction.geometry.crop);
      if (options_.blur_sigma_px) prediction.map = imaging::gaussian_blur(prediction.map, *options_.blur_sigma_px);
      predictions.push_back(std::move(prediction));
    }
  }
  return predictions;
}

nlohmann::ordered_json PatchCore::identity() const {
  // All that decides a prediction; what only decides how fast it comes (batch_size, memory_limit_gb) is left out.
  nlohmann::ordered_json json = extractor_identity(*extractor_);
  json["detector"] = {{"name", options_.name},
                      {"profile", options_.profile},
                      {"coreset_ratio", options_.coreset_ratio},
                      {"projection_dims", options_.projection_dims},
                      {"num_starts", options_.num_starts},
                      {"layer_dims", options_.layer_dims},
                      {"embedding_dims", options_.embedding_dims},
                      {"neighbours", options_.neighbours},
                      {"squared", options_.squared}};
  json["detector"]["blur_sigma_px"] =
      options_.blur_sigma_px ? nlohmann::ordered_json(*options_.blur_sigma_px) : nullptr;
  return json;
}

std::string PatchCore::settings() const { return identity().dump(); }

void PatchCore::save(const std::filesystem::path& path, const Notes& notes) const {
  Notes metadata = notes;
  metadata["normadd.detector"] = identity().dump();
  networks::write_safetensors(path, {{"bank", bank()}}, metadata);
}

void PatchCore::load(const std::filesystem::path& path) {
  const auto file = networks::SafetensorsFile::open(path);
  const auto found = file.metadata().find("normadd.detector");
  if (found == file.metadata().end()) {
    throw core::WeightsError("the file is not a saved detector", path.string(),
                             "Make one with run.save_detectors=true.");
  }
  require_same_identity(found->second, identity(), path);
  at::Tensor bank = file.tensor("bank");
  if (bank.dim() != 2 || bank.size(0) == 0 || bank.size(1) != options_.embedding_dims ||
      bank.scalar_type() != at::kFloat) {
    throw core::WeightsError("the tensor 'bank' is not float32 [rows, embedding_dims]", path.string(),
                             "Fit the detector again.");
  }
  if (!at::isfinite(bank).all().item<bool>()) {
    throw core::WeightsError("the tensor 'bank' has values that are not finite", path.string(),
                             "Fit the detector again.");
  }
  adopt(bank.contiguous(), path.string());
}

}  // namespace normadd::detectors
