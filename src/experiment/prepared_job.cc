// SPDX-License-Identifier: Apache-2.0
#include "experiment/prepared_job.h"

#include <fmt/format.h>

#include "core/hashing.h"
#include "experiment/tested_images.h"

namespace normadd::experiment {
namespace {

constexpr int kResultsVersion = 1;

/// Of the running program's file.
const std::string& program_hash() {
  static const std::string hash = core::xxh128_hex_of_file("/proc/self/exe");
  return hash;
}

ImageCounts images_of(const OpenedDataset& opened, std::size_t index) {
  const datasets::Category& category = opened.dataset.categories[index];
  ImageCounts counts;
  counts.train = category.train.size();
  for (const auto& sample : category.test) ++(sample.anomalous() ? counts.test_anomalous : counts.test_normal);
  counts.missing_masks = category.missing_masks.size();
  counts.picture_px = opened.picture_px[index];
  return counts;
}

}  // namespace

PreparedJob prepare(const Job& job, Session& session) {
  PreparedJob prepared;
  prepared.job = &job;
  for (const auto& name : job.prompts.sets) session.prompts(name, job.prompts.folder);
  for (const auto& detector : job.detectors) prepared.detectors.push_back(&session.detector(job, detector));
  prepared.normality = &session.normality(job);
  prepared.dataset = &session.dataset(job);
  prepared.plans = &session.plans(job);
  return prepared;
}

Provenance provenance_of(const PreparedJob& prepared, Session& session) {
  const Job& job = *prepared.job;
  Provenance provenance;
  provenance.data_hash = prepared.dataset->dataset.content_hash;
  for (std::size_t c = 0; c < prepared.dataset->dataset.categories.size(); ++c) {
    provenance.images[prepared.dataset->dataset.categories[c].name] = images_of(*prepared.dataset, c);
  }
  provenance.weights_sha256 = prepared.normality->weights_sha256;
  for (std::size_t d = 0; d < job.detectors.size(); ++d) {
    const OpenedDetector& opened = *prepared.detectors[d];
    provenance.detectors[job.detectors[d].label] = opened.settings;
    provenance.weights_sha256.insert(opened.weights_sha256.begin(), opened.weights_sha256.end());
    if (!job.run.load_detectors) continue;
    for (const auto& category : prepared.dataset->dataset.categories) {
      const auto file = saved_detector(*job.run.load_detectors, job.detectors[d].label, category.name);
      provenance.weights_sha256[file.string()] = session.file_sha256(file);
    }
  }
  for (const auto& name : job.prompts.sets) {
    const OpenedPrompts& prompts = session.prompts(name, job.prompts.folder);
    provenance.prompts_sha256[prompts.set.name] = prompts.sha256;
  }
  provenance.activation = prepared.normality->activation;
  provenance.home = session.installation().home;
  return provenance;
}

bool draws_panels(const Job& job, bool is_part_of_sweep) { return job.run.panels.value_or(!is_part_of_sweep); }

stages::StageKey results_key(const PreparedJob& prepared, bool with_panels, Session& session) {
  const Job& job = *prepared.job;
  const Provenance provenance = provenance_of(prepared, session);
  stages::StageKey key("results", kResultsVersion);
  key.with("program", program_hash())
      .with("job", job.identity)
      .with("data", provenance.data_hash)
      .with("panels", with_panels ? "true" : "false");
  for (const auto& [file, sha256] : provenance.weights_sha256) key.with("weights " + file, sha256);
  for (const auto& [name, sha256] : provenance.prompts_sha256) key.with("prompts " + name, sha256);
  for (const auto& detector : job.detectors) {
    for (std::size_t c = 0; c < prepared.dataset->dataset.categories.size(); ++c) {
      for (const bool of_training : {true, false}) {
        const std::string& inputs = session.input_hash(job, detector, c, of_training);
        if (!inputs.empty()) key.with(fmt::format("inputs {} {} {}", detector.label, c, of_training), inputs);
      }
    }
  }
  return key;
}

}  // namespace normadd::experiment
