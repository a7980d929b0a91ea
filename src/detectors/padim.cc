// SPDX-License-Identifier: Apache-2.0
#include "detectors/padim.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "core/error.h"
#include "core/progress.h"
#include "core/random.h"
#include "detectors/gaussian_fit.h"
#include "detectors/position_features.h"
#include "detectors/python_random.h"
#include "detectors/saved_format.h"
#include "detectors/saved_identity.h"
#include "imaging/gaussian.h"
#include "imaging/resample.h"
#include "networks/preprocessing.h"
#include "networks/safetensors.h"

namespace normadd::detectors {
namespace {

constexpr int kFileFormat = 1;

constexpr double kGigabyte = 1024.0 * 1024.0 * 1024.0;

std::int64_t area(imaging::Size size) { return static_cast<std::int64_t>(size.height) * size.width; }

/// A tensor of a saved detector, of this dtype and shape.
at::Tensor required_tensor(const networks::SafetensorsFile& file, const std::string& name, at::ScalarType dtype,
                           const std::vector<std::int64_t>& shape, const std::string& shape_text) {
  at::Tensor tensor = file.tensor(name);
  if (tensor.scalar_type() == dtype && tensor.sizes() == at::IntArrayRef(shape)) return tensor.contiguous();
  throw core::WeightsError(
      fmt::format("the tensor '{}' is not {} {}", name, dtype == at::kLong ? "int64" : "float32", shape_text),
      file.path().string(), "Fit the detector again.");
}

}  // namespace

Padim::Padim(PadimOptions options, std::shared_ptr<const networks::FeatureExtractor> extractor)
    : options_(std::move(options)),
      extractor_(std::move(extractor)),
      settings_(padim_settings(options_, num_channels())) {}

int Padim::num_channels() const {
  const std::vector<int> channels = extractor_->channels();
  return std::accumulate(channels.begin(), channels.end(), 0);
}

const Padim::Model& Padim::model() const {
  NORMADD_CHECK(model_.has_value(), "PaDiM was neither fitted nor loaded");
  return *model_;
}

const std::vector<std::int64_t>& Padim::channels() const { return model().channels; }

const PositionGaussians& Padim::gaussians() const { return model().gaussians; }

std::vector<std::int64_t> Padim::selected_channels(std::uint64_t seed) const {
  if (settings_.python_selection) {
    return PythonRandom(static_cast<std::uint64_t>(options_.selection_seed)).sample(num_channels(), settings_.dims);
  }
  std::vector<std::int64_t> all(static_cast<std::size_t>(num_channels()));
  std::iota(all.begin(), all.end(), 0);
  core::RandomStream stream(seed, "padim channels");
  stream.shuffle(all);
  all.resize(static_cast<std::size_t>(settings_.dims));
  return all;
}

imaging::Size Padim::grid_of(imaging::Size image) const {
  return extractor_->grids(extractor_->preprocessing().geometry(image).crop).front();
}

at::Tensor Padim::features(std::span<const imaging::Image> images, const std::vector<std::int64_t>& channels) const {
  const auto maps = extractor_->features(networks::preprocess(images, extractor_->preprocessing()));
  at::Tensor rows =
      at::empty({maps[0].size(0), maps[0].size(2) * maps[0].size(3), static_cast<std::int64_t>(channels.size())});
  position_features(maps, channels, rows);
  return rows;
}

MemoryEstimate Padim::memory_estimate(std::size_t num_train, imaging::Size image) const {
  const imaging::Size crop = extractor_->preprocessing().geometry(image).crop;
  const std::vector<imaging::Size> grids = extractor_->grids(crop);
  const std::vector<int> channels = extractor_->channels();
  const std::int64_t positions = area(grids.front()), dims = settings_.dims;
  // Per image of a batch: the picture, its features as the network gives them and those selected of them.
  std::int64_t values = 3 * area(crop) + positions * dims;
  for (std::size_t i = 0; i < grids.size(); ++i) values += area(grids[i]) * channels[i];
  const auto bytes = [](std::int64_t count) { return static_cast<std::uint64_t>(count) * sizeof(float); };
  const auto batch = static_cast<std::uint64_t>(options_.batch_size);
  const std::uint64_t factors = bytes(positions * packed_size(dims)), means = bytes(positions * dims);
  const std::uint64_t fit = GaussianFit::bytes(positions, dims, std::max<std::int64_t>(2, num_train));
  MemoryEstimate estimate;
  estimate.fit_bytes = fit + std::min<std::uint64_t>(batch, num_train) * bytes(values);
  estimate.predict_bytes = factors + means + batch * bytes(values);
  estimate.breakdown = fmt::format("{} positions x {} dimensions = {:.2f} GiB of factors, {:.2f} GiB to work in",
                                   positions, dims, static_cast<double>(factors) / kGigabyte,
                                   static_cast<double>(estimate.fit_bytes - factors) / kGigabyte);
  return estimate;
}

void Padim::require_memory(const ImageSource& train, imaging::Size image) const {
  const MemoryEstimate estimate = memory_estimate(train.count, image);
  if (static_cast<double>(estimate.fit_bytes) <= options_.memory_limit_gb * kGigabyte) return;
  throw core::ConfigError(
      fmt::format("fitting PaDiM would need {:.3g} GiB ({}), the limit is {:.3g} GiB",
                  static_cast<double>(estimate.fit_bytes) / kGigabyte, estimate.breakdown, options_.memory_limit_gb),
      "detector.memory_limit_gb", "Lower detector.dims or backbone.crop_px, or raise the limit.");
}

void Padim::require_grid(imaging::Size image, imaging::Size grid, const std::string& which) const {
  const imaging::Size own = grid_of(image);
  if (own == grid) return;
  throw core::DataError(fmt::format("{} gives {} x {} positions, PaDiM is fitted to {} x {}", which, own.width,
                                    own.height, grid.width, grid.height),
                        "", "Set backbone.crop_px, or backbone.resize_mode=squash, so that all become alike.");
}

void Padim::fit(const ImageSource& train, std::uint64_t seed) {
  if (train.count < 2) {
    throw core::DataError(
        fmt::format("PaDiM needs at least two training images, there {}", train.count == 0 ? "are none" : "is one"), "",
        "Put good images into the category's train/good folder.");
  }
  const imaging::Image first = train.read(0);
  require_memory(train, first.size());
  model_.reset();  // that of another category: two would not fit where one does
  const imaging::Size grid = grid_of(first.size());
  std::vector<std::int64_t> channels = selected_channels(seed);
  GaussianFit fit(area(grid), settings_.dims, static_cast<std::int64_t>(train.count));
  core::Progress progress("features", train.count);
  for (std::size_t begin = 0; begin < train.count; begin += static_cast<std::size_t>(options_.batch_size)) {
    const std::size_t end = std::min(train.count, begin + static_cast<std::size_t>(options_.batch_size));
    std::vector<imaging::Image> images;
    for (std::size_t i = begin; i < end; ++i) {
      images.push_back(i == 0 ? first : train.read(i));
      require_grid(images.back().size(), grid, fmt::format("training image number {}", i + 1));
    }
    const at::Tensor rows = features(images, channels);
    for (std::int64_t i = 0; i < rows.size(0); ++i) fit.add(rows[i]);
    progress.advance(end - begin);
  }
  model_.emplace(Model{grid, std::move(channels), fit.finish(settings_.regularisation)});
}

std::vector<Prediction> Padim::predict(std::span<const imaging::Image> images,
                                       std::span<const std::string> /*ids*/) const {
  const Model& fitted = model();
  std::vector<Prediction> predictions;
  for (std::size_t begin = 0; begin < images.size(); begin += static_cast<std::size_t>(options_.batch_size)) {
    const auto batch =
        images.subspan(begin, std::min(images.size() - begin, static_cast<std::size_t>(options_.batch_size)));
    for (const auto& image : batch) require_grid(image.size(), fitted.grid, "an image");
    const at::Tensor distances = fitted.gaussians.distances(features(batch, fitted.channels));
    if (!at::isfinite(distances).all().item<bool>()) {
      throw core::DataError("the network gives values that are not finite", "", "Check the backbone's weights.");
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      Prediction prediction;
      prediction.geometry = extractor_->preprocessing().geometry(batch[i].size());
      imaging::Map map(fitted.grid.height, fitted.grid.width);
      std::copy_n(distances.data_ptr<float>() + i * map.values.size(), map.values.size(), map.values.begin());
      prediction.map = imaging::resize_bilinear(map, prediction.geometry.crop);
      if (settings_.blur_sigma_px) {
        prediction.map = imaging::gaussian_blur(prediction.map, *settings_.blur_sigma_px, settings_.blur_border);
      }
      prediction.score = *std::max_element(prediction.map.values.begin(), prediction.map.values.end());
      predictions.push_back(std::move(prediction));
    }
  }
  return predictions;
}

nlohmann::ordered_json Padim::identity() const {
  nlohmann::ordered_json json = extractor_identity(*extractor_);
  json["detector"] = padim_identity(options_, settings_);
  return json;
}

std::string Padim::settings() const { return settings_text(identity()); }

void Padim::save(const std::filesystem::path& path, const Notes& notes) const {
  const Model& fitted = model();
  networks::write_safetensors(
      path,
      {{"channels", at::tensor(fitted.channels, at::kLong)},
       {"mean", fitted.gaussians.mean().view({fitted.grid.height, fitted.grid.width, fitted.gaussians.dims()})},
       {"factor", fitted.gaussians.factor()}},
      saved_header(notes, identity(), kFileFormat));
}

void Padim::load(const std::filesystem::path& path) {
  const auto file = networks::SafetensorsFile::open(path);
  require_saved(file, identity(), kFileFormat);
  const std::int64_t dims = settings_.dims;
  std::vector<std::int64_t> shape = file.shape("mean");
  // Grids are small; anything else must not get as far as a product of two sizes.
  const bool has_grid = shape.size() == 3 && shape[0] > 0 && shape[1] > 0 && shape[0] < 65536 && shape[1] < 65536;
  if (!has_grid) shape = {1, 1, dims};
  const at::Tensor mean =
      required_tensor(file, "mean", at::kFloat, {shape[0], shape[1], dims}, "[height, width, dims]");
  const at::Tensor factor = required_tensor(file, "factor", at::kFloat, {shape[0] * shape[1], packed_size(dims)},
                                            "[height * width, dims * (dims + 1) / 2]");
  const at::Tensor selected = required_tensor(file, "channels", at::kLong, {dims}, "[dims]");
  std::vector<std::int64_t> channels(selected.data_ptr<std::int64_t>(), selected.data_ptr<std::int64_t>() + dims);
  const std::set<std::int64_t> distinct(channels.begin(), channels.end());
  if (static_cast<std::int64_t>(distinct.size()) != dims || *distinct.begin() < 0 ||
      *distinct.rbegin() >= num_channels()) {
    throw core::WeightsError(
        fmt::format("the tensor 'channels' does not hold {} different channels of {}", dims, num_channels()),
        path.string(), "Fit the detector again.");
  }
  PositionGaussians gaussians(mean.view({shape[0] * shape[1], dims}), factor);
  if (!gaussians.valid()) {
    throw core::WeightsError(
        "the tensors 'mean' and 'factor' have values that are not finite, or a diagonal that is not positive",
        path.string(), "Fit the detector again.");
  }
  model_.emplace(
      Model{{static_cast<int>(shape[0]), static_cast<int>(shape[1])}, std::move(channels), std::move(gaussians)});
}

}  // namespace normadd::detectors
