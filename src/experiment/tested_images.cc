// SPDX-License-Identifier: Apache-2.0
#include "experiment/tested_images.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "core/error.h"
#include "core/hashing.h"
#include "core/log.h"
#include "core/progress.h"
#include "core/random.h"
#include "experiment/evaluation_frame.h"
#include "experiment/map_evaluation.h"
#include "experiment/prediction.h"
#include "imaging/codec.h"
#include "networks/safetensors.h"
#include "normality/fusion.h"

namespace normadd::experiment {
namespace {

imaging::Mask mask_of(const datasets::Sample& sample, const imaging::Geometry& geometry) {
  if (!sample.anomalous()) return imaging::Mask(geometry.crop.height, geometry.crop.width, 1);
  if (!sample.mask) return {};
  const imaging::Mask mask = imaging::read_mask(*sample.mask);
  if (!(mask.size() == geometry.image)) {
    throw core::DataError(fmt::format("the mask is {}x{}, its image {}x{}", mask.width, mask.height,
                                      geometry.image.width, geometry.image.height),
                          sample.mask->string(), "Replace the mask; 'normadd data check' lists all such files.");
  }
  return imaging::mask_in_crop(mask, geometry);
}

std::vector<std::string> ids_of(std::span<const datasets::Sample> samples) {
  std::vector<std::string> ids;
  ids.reserve(samples.size());
  for (const auto& sample : samples) ids.push_back(sample.id);
  return ids;
}

constexpr const char* kCategoryNote = "normadd.category";
constexpr const char* kTrainingNote = "normadd.training_data";

std::string training_hash(const datasets::Category& category) {
  std::string text;
  for (const auto& sample : category.train) text += sample.id + '\n' + core::xxh128_hex_of_file(sample.image) + '\n';
  return core::xxh128_hex(text);
}

}  // namespace

/// A detector of another category scores as willingly as the right one.
void check_origin(const datasets::Category& category, const std::filesystem::path& file) {
  const auto saved = networks::SafetensorsFile::open(file);
  const auto note = [&](const char* name) {
    const auto found = saved.metadata().find(name);
    return found == saved.metadata().end() ? "" : found->second;
  };
  if (const auto trained_for = note(kCategoryNote); !trained_for.empty() && trained_for != category.name) {
    throw core::WeightsError(fmt::format("the detector was trained for '{}', not for '{}'", trained_for, category.name),
                             file.string(), "Restore the file of this category, or fit again.");
  }
  if (const auto data = note(kTrainingNote); !data.empty() && data != training_hash(category)) {
    core::log_warning(
        fmt::format("{}: the detector was trained on other images than those in train/good now", category.name));
  }
}

std::filesystem::path saved_detector(const std::filesystem::path& folder, const std::string& label,
                                     const std::string& category) {
  const std::string name = category + ".safetensors";
  // A run keeps its detectors in a folder of their own, but is itself the obvious thing to name.
  for (const auto& file :
       {folder / "detectors" / label / name, folder / label / name, folder / "detectors" / name, folder / name}) {
    if (std::filesystem::is_regular_file(file)) return file;
  }
  throw core::WeightsError("there is no saved detector for this category", (folder / name).string(),
                           "Set run.load_detectors to a run that was made with run.save_detectors=true.");
}

std::string saved_category(const std::filesystem::path& file) {
  const auto saved = networks::SafetensorsFile::open(file);
  const auto found = saved.metadata().find(kCategoryNote);
  return found == saved.metadata().end() ? "" : found->second;
}

std::uint64_t fit_seed(const Job& job, const std::string& category) {
  return core::RandomStream(static_cast<std::uint64_t>(job.options.seed), "detector/" + category).bits();
}

void fit_detector(const datasets::Category& category, const Job& job, const std::string& label,
                  detectors::Detector& detector) {
  const auto estimate =
      detector.memory_estimate(category.train.size(), imaging::read_image(category.train.front().image).size());
  core::log_info(fmt::format("{}: fitting {} on {} images takes about {:.2f} GiB ({})", category.name, label,
                             category.train.size(), static_cast<double>(estimate.fit_bytes) / (1u << 30),
                             estimate.breakdown));
  const detectors::ImageSource source{category.train.size(),
                                      [&](std::size_t i) { return imaging::read_image(category.train[i].image); },
                                      category.name, ids_of(category.train)};
  detector.fit(source, fit_seed(job, category.name));
}

void save_detector(const datasets::Category& category, const detectors::Detector& detector,
                   const std::filesystem::path& file) {
  detector.save(file, {{kCategoryNote, category.name}, {kTrainingNote, training_hash(category)}});
}

std::vector<imaging::Image> read_test_images(const datasets::Category& category, std::size_t begin, std::size_t end) {
  std::vector<imaging::Image> images;
  for (std::size_t i = begin; i < end; ++i) images.push_back(imaging::read_image(category.test[i].image));
  return images;
}

std::vector<detectors::Prediction> predict_test_images(const datasets::Category& category, const Job& job,
                                                       const detectors::Detector& detector) {
  std::vector<detectors::Prediction> predictions;
  const auto batch = static_cast<std::size_t>(job.run.batch_size);
  core::Progress progress("predict " + category.name, category.test.size());
  for (std::size_t begin = 0; begin < category.test.size(); begin += batch) {
    const std::size_t end = std::min(begin + batch, category.test.size());
    const auto samples = std::span(category.test).subspan(begin, end - begin);
    std::vector<std::filesystem::path> files;
    for (const auto& sample : samples) files.push_back(sample.image);
    for (auto& scored : predict_images(detector, files, ids_of(samples))) {
      predictions.push_back(std::move(scored.prediction));
    }
    progress.advance(end - begin);
  }
  return predictions;
}

TestedImages tested_images(std::vector<detectors::Prediction> predictions) {
  TestedImages tested{std::move(predictions), {}, {}};
  for (const auto& prediction : tested.predictions) tested.scores.push_back(normality::map_maximum(prediction.map));
  return tested;
}

void need_masks(const datasets::Category& category, TestedImages& tested) {
  if (!tested.masks.empty()) return;
  for (std::size_t i = 0; i < category.test.size(); ++i) {
    tested.masks.push_back(mask_of(category.test[i], tested.predictions[i].geometry));
  }
}

OriginalResults original_results(const datasets::Category& category, TestedImages& tested,
                                 const MetricsOptions& options) {
  MapEvaluation evaluation(category.name, options);
  need_masks(category, tested);
  for (std::size_t i = 0; i < category.test.size(); ++i) {
    const datasets::Sample& sample = category.test[i];
    const detectors::Prediction& prediction = tested.predictions[i];
    if (options.resolution == "image") {
      const FramedMap frame = framed(sample, prediction.map, prediction.geometry, options.resolution);
      evaluation.add(evaluated(sample, frame, prediction.score));
      continue;
    }
    const imaging::Mask* mask = tested.masks[i].pixels.empty() ? nullptr : &tested.masks[i];
    evaluation.add({sample.id, sample.defect_type, tested.scores[i], prediction.score, &prediction.map, mask});
  }
  MetricsTable metrics({});
  evaluation.add_original_metrics(metrics);
  return {metrics.table(), curve_rows(evaluation.original_curves())};
}

void warn_of_missing_masks(const datasets::Category& category, const MetricsOptions& options) {
  if (!options.pixel || category.missing_masks.empty()) return;
  core::log_warning(fmt::format("{}: {} of {} test images have no mask and are left out of pixel metrics: {}",
                                category.name, category.missing_masks.size(), category.test.size(),
                                fmt::join(category.missing_masks, ", ")));
}

double score_scale(const datasets::Category& category, const Job& job, const detectors::Detector& detector) {
  // A handful of images is enough for a scale, and keeps the subtracting rule from predicting the whole training set.
  constexpr std::size_t kMostImages = 16;
  const auto batch = static_cast<std::size_t>(job.run.batch_size);
  const std::size_t count = std::min(kMostImages, category.train.size());
  double sum = 0;
  for (std::size_t begin = 0; begin < count; begin += batch) {
    std::vector<imaging::Image> images;
    for (std::size_t i = begin; i < std::min(begin + batch, count); ++i) {
      images.push_back(imaging::read_image(category.train[i].image));
    }
    const auto samples = std::span(category.train).subspan(begin, images.size());
    for (const auto& prediction : detector.predict(images, ids_of(samples))) {
      sum += normality::map_maximum(prediction.map);
    }
  }
  if (sum <= 0) {
    throw core::ConfigError("the detector gives its training images a score of 0, so there is no scale to subtract in",
                            "fusion.rule", "Lower detector.coreset_ratio below 1, or take fusion=product.");
  }
  return sum / static_cast<double>(count);
}

}  // namespace normadd::experiment
