// SPDX-License-Identifier: Apache-2.0
#include "experiment/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/fingerprint.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/file_hash_memory.h"
#include "core/hashing.h"
#include "datasets/manifest.h"
#include "detectors/registry.h"
#include "experiment/dataset_readers.h"
#include "experiment/network_store.h"
#include "experiment/plan_memory.h"
#include "experiment/prompt_files.h"
#include "imaging/png_size.h"
#include "networks/clip.h"
#include "normality/registry.h"

namespace normadd::experiment {
namespace {

stages::StageCacheOptions cache_options(const CacheOptions& options) {
  stages::StageCacheOptions result;
  if (options.enabled) result.root = options.dir;
  result.max_gb = options.max_gb;
  return result;
}

/// Beside the stages; without a cache nothing is written.
std::filesystem::path memory_file(const CacheOptions& options) {
  return options.enabled && !options.dir.empty() ? std::filesystem::path(options.dir) / "file_hashes"
                                                 : std::filesystem::path();
}

std::string print_of(const Job& job, const char* node) { return config::fingerprint(*job.resolved.find(node)); }

/// Contents of files by path, read by all cores.
std::map<std::filesystem::path, std::string> hashes_of(const datasets::Category& category) {
  std::vector<std::string> paths;
  for (const auto* samples : {&category.train, &category.test}) {
    for (const auto& sample : *samples) {
      paths.push_back(sample.image.string());
      if (sample.mask) paths.push_back(sample.mask->string());
    }
  }
  std::map<std::filesystem::path, std::string> hashes;
  for (const auto& entry : datasets::make_manifest("", paths)) hashes[entry.path] = entry.xxh128;
  return hashes;
}

CategoryHashes category_hashes(const datasets::Category& category) {
  const auto contents = hashes_of(category);
  std::string train, test, labels;
  for (const auto& sample : category.train) train += fmt::format("{}\n{}\n", sample.id, contents.at(sample.image));
  for (const auto& sample : category.test) {
    test += fmt::format("{}\n{}\n", sample.id, contents.at(sample.image));
    labels += fmt::format("{}\n{}\n{}\n", sample.id, sample.defect_type, sample.mask ? contents.at(*sample.mask) : "");
  }
  return {core::xxh128_hex(train), core::xxh128_hex(test), core::xxh128_hex(labels)};
}

/// value of key, made by make when it is asked for the first time.
template <typename Value, typename Make>
Value& once(std::map<std::string, Value>& memory, const std::string& key, const Make& make) {
  if (const auto found = memory.find(key); found != memory.end()) return found->second;
  return memory.emplace(key, make()).first->second;
}

}  // namespace

struct Session::State {
  State(Installation place, const CacheOptions& options)
      : installation(std::move(place)),
        cache(cache_options(options)),
        file_hashes(memory_file(options)),
        clips(std::make_shared<LoadedClips>()) {}

  NetworkStore& networks(const Job& job) {
    return once(stores, print_of(job, "backbone"),
                [&] { return NetworkStore(job.backbone, installation.weights, clips); });
  }

  Installation installation;
  stages::StageCache cache;
  core::FileHashMemory file_hashes;
  std::shared_ptr<LoadedClips> clips;
  std::map<std::string, NetworkStore> stores;  // by the node backbone
  std::map<std::string, OpenedDataset> datasets;
  std::map<std::string, OpenedDetector> detectors;
  std::map<std::string, OpenedNormality> normalities;
  std::map<std::string, OpenedPrompts> prompts;
  std::map<std::string, std::vector<EvaluationPlan>> plans;
  std::map<std::string, std::string> files, inputs;
  PlanMemory plan_memory;
};

Session::Session(Installation installation, const CacheOptions& cache)
    : state_(std::make_unique<State>(std::move(installation), cache)) {}

Session::~Session() = default;

stages::StageCache& Session::cache() { return state_->cache; }

const Installation& Session::installation() const { return state_->installation; }

const OpenedDataset& Session::dataset(const Job& job) {
  return once(state_->datasets, config::fingerprint(job.dataset), [&] {
    const core::FileHashMemory::InUse use(state_->file_hashes);
    OpenedDataset opened{read_dataset(job.dataset), {}};
    for (const auto& category : opened.dataset.categories) {
      opened.hashes.push_back(category_hashes(category));
      opened.picture_px.push_back(category.train.empty() ? std::nullopt
                                                         : imaging::png_size(category.train.front().image));
    }
    state_->file_hashes.save();
    return opened;
  });
}

OpenedDetector& Session::detector(const Job& job, const NamedDetector& detector) {
  const std::string key =
      fmt::format("{} {} {}", config::fingerprint(detector.node), detector.key, print_of(job, "backbone"));
  return once(state_->detectors, key, [&] {
    OpenedDetector opened;
    WeightHashes used;
    opened.detector = detectors::make_detector(detector.node, state_->networks(job).resources(&used), detector.key);
    opened.settings = opened.detector->settings();
    opened.weights_sha256 = std::move(used);
    return opened;
  });
}

OpenedNormality& Session::normality(const Job& job) {
  const std::string key = print_of(job, "clip") + print_of(job, "normality");
  return once(state_->normalities, key, [&] {
    OpenedNormality opened;
    const auto clip = state_->networks(job).clip(
        {job.clip.path, job.clip.image_px, parse_activation(job.clip.activation)}, &opened.weights_sha256);
    opened.detector = normality::make_normality_detector(job.normality, clip);
    opened.settings = opened.detector->settings();
    opened.feature_settings = opened.detector->feature_settings();
    opened.activation = clip->config().activation == networks::Activation::kGelu ? "gelu" : "quick_gelu";
    if (const config::Value* layers = job.normality.find("dense_layers"); layers != nullptr && layers->is_string()) {
      opened.weights_sha256[layers->as_string()] = file_sha256(layers->as_string());
    }
    return opened;
  });
}

const OpenedPrompts& Session::prompts(const std::string& name, const std::string& folder) {
  return once(state_->prompts, fmt::format("{}\n{}", name, folder), [&] {
    OpenedPrompts opened{normality::read_prompt_set(prompt_set_file(name, folder, state_->installation.home)), ""};
    opened.sha256 = core::sha256_hex_of_file(opened.set.file);
    return opened;
  });
}

const std::vector<EvaluationPlan>& Session::plans(const Job& job) {
  std::string key = config::fingerprint(job.dataset) + print_of(job, "prompts") + job.fusion_name;
  for (const auto& control : job.options.controls) key += "\n" + control;
  return once(state_->plans, key, [&] {
    std::vector<normality::PromptSet> sets;
    for (const auto& name : job.prompts.sets) sets.push_back(prompts(name, job.prompts.folder).set);
    std::vector<EvaluationPlan> plans;
    for (const auto& category : dataset(job).dataset.categories) {
      plans.push_back(plan_evaluation(category, sets, job.options.controls, job.fusion_name));
    }
    return plans;
  });
}

void Session::check_texts(const Job& job) {
  OpenedNormality& opened = normality(job);
  for (const auto& plan : plans(job)) {
    if (!plan.texts.empty() && opened.checked_plans.insert(&plan).second) opened.detector->encode(plan.texts);
  }
}

const std::string& Session::file_sha256(const std::filesystem::path& file) {
  return once(state_->files, file.string(), [&] { return core::sha256_hex_of_file(file); });
}

const std::string& Session::input_hash(const Job& job, const NamedDetector& detector, std::size_t category,
                                       bool of_training) {
  const std::string key = fmt::format("{} {} {} {}", config::fingerprint(job.dataset),
                                      config::fingerprint(detector.node), category, of_training);
  return once(state_->inputs, key, [&] {
    const datasets::Category& found = dataset(job).dataset.categories[category];
    std::vector<std::string> ids;
    for (const auto& sample : of_training ? found.train : found.test) ids.push_back(sample.id);
    return this->detector(job, detector).detector->input_hash(ids);
  });
}

PlanMemory& Session::plan_memory() { return state_->plan_memory; }

std::optional<double> Session::usual_seconds(const std::string& stage) const {
  const auto folder = state_->cache.options().root / stage;
  if (state_->cache.options().root.empty() || !std::filesystem::is_directory(folder)) return std::nullopt;
  // A few hundred entries say enough.
  constexpr std::size_t kMostEntries = 256;
  std::vector<double> seconds;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (seconds.size() == kMostEntries) break;
    if (entry.path().filename() != "entry.json") continue;
    try {
      const auto json = nlohmann::json::parse(core::read_file(entry.path()), nullptr, false);
      if (json.is_object() && json.contains("seconds") && json["seconds"].is_number())
        seconds.push_back(json["seconds"]);
    } catch (const core::DataError&) {
      // Another process has just removed it.
    }
  }
  if (seconds.empty()) return std::nullopt;
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), middle, seconds.end());
  return *middle;
}

std::size_t Session::image_passes() const {
  std::size_t passes = 0;
  for (const auto& [key, opened] : state_->normalities) passes += opened.detector->image_passes();
  return passes;
}

}  // namespace normadd::experiment
