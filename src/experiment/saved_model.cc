// SPDX-License-Identifier: Apache-2.0
#include "experiment/saved_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/apply_override.h"
#include "core/error.h"
#include "core/log.h"
#include "core/nearest_name.h"
#include "detectors/registry.h"
#include "experiment/dataset_readers.h"
#include "experiment/prompt_files.h"
#include "experiment/tested_images.h"
#include "networks/safetensors.h"
#include "normality/normality_addition.h"
#include "normality/prompt_set.h"
#include "normality/registry.h"

namespace normadd::experiment {
namespace {

namespace fs = std::filesystem;

/// The configuration as it was before interpolation, so that ${oc.env:NORMADD_HOME} means this program's own tree.
std::optional<fs::path> frozen_config(const fs::path& folder) {
  for (const auto& file : {folder / ".hydra" / "config.yaml", folder / "config.resolved.yaml"}) {
    if (fs::is_regular_file(file)) return file;
  }
  return std::nullopt;
}

config::ComposedConfig config_of(const ModelRequest& request) {
  if (request.config) return *request.config;
  // RUN/detectors/LABEL/CATEGORY.safetensors is the deepest place that a run keeps a detector in.
  constexpr int kMostLevels = 4;
  fs::path folder = fs::weakly_canonical(request.model);
  for (int level = 0; level < kMostLevels; ++level, folder = folder.parent_path()) {
    const auto file = frozen_config(folder);
    if (!file) continue;
    config::ComposedConfig composed{config::read_yaml(*file), {}, {}};
    const config::ConfigFiles files({request.installation.home / "configs"});
    for (const auto& text : request.overrides) {
      config::apply_override(composed.config, config::parse_override(text), files);
    }
    return composed;
  }
  throw core::ConfigError("no run's configuration lies beside this detector", request.model.string(),
                          "Keep it in its run's folder, or give the configuration: -cn NAME [key=value ...].");
}

const NamedDetector& chosen(const Job& job, const ModelRequest& request) {
  const auto named = [&](const std::string& label) {
    return std::find_if(job.detectors.begin(), job.detectors.end(),
                        [&](const NamedDetector& detector) { return detector.label == label; });
  };
  if (request.detector) {
    if (const auto found = named(*request.detector); found != job.detectors.end()) return *found;
    std::vector<std::string> labels;
    for (const auto& detector : job.detectors) labels.push_back(detector.label);
    throw core::ConfigError(fmt::format("the run has no detector '{}'", *request.detector), "--detector",
                            core::did_you_mean(*request.detector, labels));
  }
  // With several detectors a run names the folder of each.
  const auto by_folder = named(request.model.parent_path().filename().string());
  return by_folder != job.detectors.end() ? *by_folder : job.detectors.front();
}

fs::path file_of(const ModelRequest& request, const std::string& label) {
  if (!fs::exists(request.model)) {
    throw core::WeightsError("there is no such file or folder", request.model.string(),
                             "Name a saved detector, or the folder of a run made with run.save_detectors=true.");
  }
  if (!fs::is_directory(request.model)) return request.model;
  if (!request.category) {
    throw core::ConfigError("a run keeps one detector for each category", "--category",
                            "Say which one: --category NAME.");
  }
  return saved_detector(request.model, label, *request.category);
}

std::string category_of(const ModelRequest& request, const fs::path& file) {
  const std::string trained_for = saved_category(file);
  if (request.category && !trained_for.empty() && trained_for != *request.category) {
    throw core::WeightsError(
        fmt::format("the detector was trained for '{}', not for '{}'", trained_for, *request.category), file.string(),
        "Name the detector of this category.");
  }
  if (!trained_for.empty()) return trained_for;
  return request.category.value_or(file.stem().string());
}

double scale_of(const LoadedModel& model) {
  if (model.job.fusion.rule != "subtract") return 1.0;
  const auto dataset = read_dataset(model.job.dataset);
  const auto found = std::find_if(dataset.categories.begin(), dataset.categories.end(),
                                  [&](const datasets::Category& category) { return category.name == model.category; });
  if (found == dataset.categories.end()) {
    throw core::ConfigError(fmt::format("fusion=subtract takes its scale from train/good of '{}', which the dataset "
                                        "lacks",
                                        model.category),
                            "dataset", "Set dataset.root to the dataset of the run, or take fusion.rule=product.");
  }
  return score_scale(*found, model.job, *model.detector);
}

void add_normality(LoadedModel& model, const AddedType& added, const fs::path& home) {
  const Job& job = model.job;
  const auto set = normality::read_prompt_set(
      prompt_set_file(added.prompts.value_or(job.prompts.sets.front()), job.prompts.folder, home));
  const auto texts = normality::texts_for(set, model.category, added.type);
  const auto clip = model.networks->clip({job.clip.path, job.clip.image_px, parse_activation(job.clip.activation)});
  std::shared_ptr<normality::NormalityDetector> detector = normality::make_normality_detector(job.normality, clip);
  model.detector = std::make_shared<normality::NormalityAddition>(model.detector, std::move(detector), texts,
                                                                  job.fusion, scale_of(model));
}

}  // namespace

LoadedModel load_model(const ModelRequest& request, const std::optional<AddedType>& added) {
  // A mistyped path shall be told before a configuration is looked for around it.
  if (!fs::exists(request.model)) file_of(request, "");
  LoadedModel model;
  model.job = make_job(config_of(request));
  const NamedDetector& named = chosen(model.job, request);
  const fs::path file = file_of(request, named.label);
  model.category = category_of(request, file);
  model.networks = std::make_unique<NetworkStore>(model.job.backbone, request.installation.weights);
  model.detector = detectors::make_detector(named.node, model.networks->resources(), named.key);
  model.detector->load(file);
  if (added) add_normality(model, *added, request.installation.home);
  core::log_info(fmt::format("{}: loaded {} from {}", model.category, named.label, file.string()));
  return model;
}

}  // namespace normadd::experiment
