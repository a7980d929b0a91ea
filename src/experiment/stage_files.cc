// SPDX-License-Identifier: Apache-2.0
#include "experiment/stage_files.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "core/error.h"
#include "networks/safetensors.h"

namespace normadd::experiment {
namespace {

using Notes = std::map<std::string, std::string>;

std::string text_of(const imaging::Geometry& g) {
  return fmt::format("{} {} {} {} {} {} {} {}", g.image.height, g.image.width, g.resized.height, g.resized.width,
                     g.left, g.top, g.crop.height, g.crop.width);
}

[[noreturn]] void fail_damaged(const std::filesystem::path& file) {
  throw core::WeightsError("this is no file of a stage's output", file.string(), "Remove it: it is made again.");
}

/// The numbers of a note, as many as there are places for.
template <typename... Numbers>
void read_numbers(const networks::SafetensorsFile& file, const std::string& note, Numbers&... numbers) {
  const auto found = file.metadata().find(note);
  if (found == file.metadata().end()) fail_damaged(file.path());
  std::istringstream stream(found->second);
  (stream >> ... >> numbers);
  if (!stream) fail_damaged(file.path());
}

imaging::Geometry geometry_in(const networks::SafetensorsFile& file, const std::string& note) {
  imaging::Geometry g;
  read_numbers(file, note, g.image.height, g.image.width, g.resized.height, g.resized.width, g.left, g.top,
               g.crop.height, g.crop.width);
  return g;
}

at::Tensor wrapped(const imaging::Map& map) {
  return at::from_blob(const_cast<float*>(map.values.data()), {map.height, map.width}, at::kFloat);
}

}  // namespace

void write_predictions(const std::filesystem::path& file, std::span<const detectors::Prediction> predictions) {
  networks::TensorMap tensors;
  Notes notes{{"count", std::to_string(predictions.size())}};
  at::Tensor scores = at::empty({static_cast<std::int64_t>(predictions.size())}, at::kDouble);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    tensors[fmt::format("map.{}", i)] = wrapped(predictions[i].map);
    notes[fmt::format("geometry.{}", i)] = text_of(predictions[i].geometry);
    scores.data_ptr<double>()[i] = predictions[i].score;
  }
  tensors["scores"] = scores;
  networks::write_safetensors(file, tensors, notes);
}

std::vector<detectors::Prediction> read_predictions(const std::filesystem::path& path) {
  const auto file = networks::SafetensorsFile::open(path);
  std::size_t count = 0;
  read_numbers(file, "count", count);
  const at::Tensor scores = file.tensor("scores").clone();
  if (scores.scalar_type() != at::kDouble || scores.numel() != static_cast<std::int64_t>(count)) fail_damaged(path);
  std::vector<detectors::Prediction> predictions(count);
  for (std::size_t i = 0; i < count; ++i) {
    const at::Tensor map = file.tensor(fmt::format("map.{}", i));
    if (map.dim() != 2 || map.scalar_type() != at::kFloat) fail_damaged(path);
    predictions[i].map = imaging::Map(static_cast<int>(map.size(0)), static_cast<int>(map.size(1)));
    std::copy_n(map.data_ptr<float>(), predictions[i].map.values.size(), predictions[i].map.values.begin());
    predictions[i].geometry = geometry_in(file, fmt::format("geometry.{}", i));
    predictions[i].score = scores.data_ptr<double>()[i];
  }
  return predictions;
}

void write_features(const std::filesystem::path& file, std::span<const normality::ImageFeatures> features) {
  networks::TensorMap tensors;
  const std::size_t taps = features.empty() ? 0 : features.front().tokens.size();
  Notes notes{{"count", fmt::format("{} {}", features.size(), taps)}};
  for (std::size_t i = 0; i < features.size(); ++i) {
    const normality::ImageFeatures& image = features[i];
    for (std::size_t tap = 0; tap < taps; ++tap) tensors[fmt::format("tokens.{}.{}", i, tap)] = image.tokens[tap];
    notes[fmt::format("geometry.{}", i)] = text_of(image.geometry);
    notes[fmt::format("sizes.{}", i)] =
        fmt::format("{} {} {} {}", image.grid.height, image.grid.width, image.input.height, image.input.width);
  }
  networks::write_safetensors(file, tensors, notes);
}

std::vector<normality::ImageFeatures> read_features(const std::filesystem::path& path) {
  const auto file = networks::SafetensorsFile::open(path);
  std::size_t count = 0, taps = 0;
  read_numbers(file, "count", count, taps);
  std::vector<normality::ImageFeatures> features(count);
  for (std::size_t i = 0; i < count; ++i) {
    normality::ImageFeatures& image = features[i];
    for (std::size_t tap = 0; tap < taps; ++tap) {
      image.tokens.push_back(file.tensor(fmt::format("tokens.{}.{}", i, tap)).clone());
    }
    image.geometry = geometry_in(file, fmt::format("geometry.{}", i));
    read_numbers(file, fmt::format("sizes.{}", i), image.grid.height, image.grid.width, image.input.height,
                 image.input.width);
  }
  return features;
}

}  // namespace normadd::experiment
