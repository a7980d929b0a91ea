// SPDX-License-Identifier: Apache-2.0
#include "experiment/stage_keys.h"

#include <fmt/format.h>

#include "core/number_text.h"
#include "core/random.h"
#include "experiment/tested_images.h"

namespace normadd::experiment {
namespace {

constexpr int kFitVersion = 1;
constexpr int kMapsVersion = 1;
constexpr int kScaleVersion = 1;
constexpr int kMetricsVersion = 2;
constexpr int kFeaturesVersion = 1;

}  // namespace

DetectorKeys detector_keys(const Job& job, const NamedDetector& detector, std::size_t category, Session& session) {
  const OpenedDataset& data = session.dataset(job);
  const OpenedDetector& opened = session.detector(job, detector);
  const std::string& name = data.dataset.categories[category].name;
  const CategoryHashes& hashes = data.hashes[category];
  std::optional<std::filesystem::path> saved;
  stages::StageKey fit("detector_fit", kFitVersion);
  fit.with("settings", opened.settings).with("category", name);
  if (job.run.load_detectors) {
    saved = saved_detector(*job.run.load_detectors, detector.label, name);
    fit.with("file", session.file_sha256(*saved));
  } else {
    fit.with("train", hashes.train)
        .with("seed", std::to_string(fit_seed(job, name)))
        .with("inputs", session.input_hash(job, detector, category, /*of_training=*/true));
  }
  const std::string label = fmt::format("{}, {}", detector.label, name);
  fit.labelled(label);
  const std::string fit_hash = fit.hash();
  stages::StageKey maps("anomaly_maps", kMapsVersion);
  maps.with("fit", fit_hash)
      .with("test", hashes.test)
      .with("inputs", session.input_hash(job, detector, category, /*of_training=*/false))
      .labelled(label);
  stages::StageKey scale("score_scale", kScaleVersion);
  scale.with("fit", fit_hash).with("train", hashes.train).labelled(label);
  const std::string maps_hash = maps.hash();
  return {std::move(fit), std::move(maps), std::move(scale), fit_hash, maps_hash, std::move(saved)};
}

stages::StageKey original_metrics_key(const Job& job, const DetectorKeys& keys, std::size_t category,
                                      Session& session) {
  const OpenedDataset& data = session.dataset(job);
  const MetricsOptions& options = job.metrics;
  stages::StageKey key("original_metrics", kMetricsVersion);
  key.with("maps", keys.maps_hash)
      .with("labels", data.hashes[category].labels)
      .with("category", data.dataset.categories[category].name)
      .with("pixel", options.pixel ? "true" : "false")
      .with("aupro", options.aupro)
      .with("aupro_limit", core::shortest_text(options.aupro_limit))
      .with("per_type", options.per_type ? "true" : "false")
      .with("anomalous_only", options.anomalous_only ? "true" : "false")
      .with("resolution", options.resolution)
      .labelled(keys.maps.label());
  return key;
}

stages::StageKey image_features_key(const Job& job, std::size_t category, Session& session) {
  stages::StageKey key("image_features", kFeaturesVersion);
  key.with("settings", session.normality(job).feature_settings)
      .with("test", session.dataset(job).hashes[category].test)
      .labelled(fmt::format("{}, {}", job.clip.name, session.dataset(job).dataset.categories[category].name));
  return key;
}

}  // namespace normadd::experiment
