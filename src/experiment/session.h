// SPDX-License-Identifier: Apache-2.0
// What the jobs of one process share: datasets, networks, detectors, prompt sets, and the cache of stages. Each is read
// once, whatever the number of jobs; files that change while the process runs are not noticed.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "detectors/detector.h"
#include "experiment/evaluation_plan.h"
#include "experiment/installation.h"
#include "experiment/job.h"
#include "imaging/image.h"
#include "normality/normality_detector.h"
#include "normality/prompt_set.h"
#include "stages/stage_cache.h"

namespace normadd::experiment {

/// Names and contents of a category's parts, as hashes.
struct CategoryHashes {
  std::string train;
  std::string test;
  std::string labels;  // of the test images: types and masks
};

struct OpenedDataset {
  datasets::Dataset dataset;
  std::vector<CategoryHashes> hashes;  // one per category
  /// Of each category's first training picture, where that is a PNG.
  std::vector<std::optional<imaging::Size>> picture_px{};
};

struct OpenedDetector {
  std::unique_ptr<detectors::Detector> detector;
  std::string settings;
  std::map<std::string, std::string> weights_sha256;
  std::string fitted;  // hash of the detector_fit that it holds; empty before the first
};

struct OpenedNormality {
  std::unique_ptr<normality::NormalityDetector> detector;
  std::string settings, feature_settings;
  std::map<std::string, std::string> weights_sha256;
  std::string activation;  // gelu or quick_gelu
  std::set<const EvaluationPlan*> checked_plans;
};

struct OpenedPrompts {
  normality::PromptSet set;
  std::string sha256;
};

struct PlanMemory;

class Session {
 public:
  Session(Installation installation, const CacheOptions& cache);
  ~Session();
  stages::StageCache& cache();
  const Installation& installation() const;

  /// All throw what reading and loading throw, and remember only what succeeded.
  const OpenedDataset& dataset(const Job& job);
  OpenedDetector& detector(const Job& job, const NamedDetector& detector);
  OpenedNormality& normality(const Job& job);
  const OpenedPrompts& prompts(const std::string& name, const std::string& folder);
  /// One plan per category.
  const std::vector<EvaluationPlan>& plans(const Job& job);
  /// Encodes the texts of the job's plans once: one that the model cannot read is found before anything is computed.
  void check_texts(const Job& job);
  const std::string& file_sha256(const std::filesystem::path& file);
  /// What other tools' files say about the test images of a category: see Detector::input_hash.
  const std::string& input_hash(const Job& job, const NamedDetector& detector, std::size_t category, bool of_training);

  /// What computing an entry of this stage usually takes, by those in the cache (their median); nothing when there is
  /// none.
  std::optional<double> usual_seconds(const std::string& stage) const;
  PlanMemory& plan_memory();

  /// How many images went through all vision-language image towers.
  std::size_t image_passes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace normadd::experiment
