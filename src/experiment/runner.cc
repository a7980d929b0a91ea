// SPDX-License-Identifier: Apache-2.0
#include "experiment/runner.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "core/csv.h"
#include "core/error.h"
#include "core/hashing.h"
#include "core/interruption.h"
#include "core/log.h"
#include "core/progress.h"
#include "detectors/registry.h"
#include "experiment/category_evaluation.h"
#include "experiment/dataset_readers.h"
#include "experiment/network_store.h"
#include "experiment/prompt_files.h"
#include "experiment/run_folder.h"
#include "experiment/tested_images.h"
#include "networks/clip.h"
#include "normality/prompt_set.h"
#include "normality/registry.h"
#include "reporting/run_tables.h"

namespace normadd::experiment {
namespace {

/// Everything a run needs, found and checked before its folder is made.
struct Parts {
  datasets::Dataset dataset;
  std::vector<normality::PromptSet> prompt_sets;
  std::vector<EvaluationPlan> plans;  // one per category
  std::unique_ptr<NetworkStore> networks;
  std::shared_ptr<const networks::Clip> clip;
  std::vector<std::unique_ptr<detectors::Detector>> detectors;  // as job.detectors
  std::unique_ptr<normality::NormalityDetector> normality_detector;
};

std::string string_of(const config::Value& node, const std::string& key) {
  const config::Value* value = node.find(key);
  return value != nullptr && value->is_string() ? value->as_string() : "";
}

Parts gather(const Job& job, const Installation& installation) {
  Parts parts;
  for (const auto& name : job.prompts.sets) {
    parts.prompt_sets.push_back(
        normality::read_prompt_set(prompt_set_file(name, job.prompts.folder, installation.home)));
  }
  parts.networks = std::make_unique<NetworkStore>(job.backbone, installation.weights);
  for (const auto& detector : job.detectors) {
    parts.detectors.push_back(detectors::make_detector(detector.node, parts.networks->resources(), detector.key));
  }
  parts.clip = parts.networks->clip({job.clip.path, job.clip.image_px, parse_activation(job.clip.activation)});
  parts.normality_detector = normality::make_normality_detector(job.normality, parts.clip);
  parts.dataset = read_dataset(job.dataset);
  for (const auto& category : parts.dataset.categories) {
    parts.plans.push_back(plan_evaluation(category, parts.prompt_sets, job.options.controls, job.fusion_name));
    // Embeddings are kept: a text that the model cannot read is found here, not after hours of fitting.
    if (!parts.plans.back().texts.empty()) parts.normality_detector->encode(parts.plans.back().texts);
  }
  return parts;
}

void append_rows(core::CsvTable& table, const core::CsvTable& more) {
  table.rows.insert(table.rows.end(), more.rows.begin(), more.rows.end());
}

void evaluate(const Job& job, Parts& parts, const RunFolder& folder) {
  std::vector<EvaluatedDetector> detectors;
  for (std::size_t d = 0; d < job.detectors.size(); ++d) {
    const std::string& label = job.detectors[d].label;
    const RunColumns columns{job.id, label, parts.dataset.name, job.clip.name, std::to_string(job.options.seed)};
    detectors.push_back({label, std::move(parts.detectors[d]), MetricsTable(columns), ScoresTable(columns)});
  }
  for (std::size_t i = 0; i < parts.dataset.categories.size(); ++i) {
    const CategoryContext context{&job, parts.normality_detector.get(), &parts.plans[i], folder.path()};
    try {
      evaluate_category(parts.dataset.categories[i], context, detectors);
    } catch (const c10::Error& error) {
      const std::string text = error.what_without_backtrace();
      if (text.find("DefaultCPUAllocator") != std::string::npos) throw std::bad_alloc();
      throw core::InternalError("LibTorch failed: " + text.substr(0, text.find('\n')),
                                "category " + parts.dataset.categories[i].name, "");
    }
  }
  core::CsvTable metrics = detectors.front().metrics.table(), scores = detectors.front().scores.table();
  for (std::size_t d = 1; d < detectors.size(); ++d) {
    append_rows(metrics, detectors[d].metrics.table());
    append_rows(scores, detectors[d].scores.table());
  }
  core::write_csv(folder.path() / "scores.csv", scores);
  core::write_csv(folder.path() / "metrics.csv", metrics);
}

void mark_failed(const RunFolder& folder, const std::string& state, const std::string& error) {
  try {
    folder.write_status(state, error);
  } catch (const core::Error&) {
    // The disk may be full: a folder that cannot even say what happened helps nobody.
    std::error_code ignored;
    std::filesystem::remove_all(folder.path(), ignored);
  }
}

Provenance provenance_of(const Job& job, const Parts& parts, const std::filesystem::path& home) {
  Provenance provenance;
  provenance.data_hash = parts.dataset.content_hash;
  provenance.weights_sha256 = parts.networks->weights_sha256();
  for (std::size_t d = 0; d < job.detectors.size(); ++d) {
    provenance.detectors[job.detectors[d].label] = parts.detectors[d]->settings();
  }
  if (const auto layers = string_of(job.normality, "dense_layers"); !layers.empty()) {
    provenance.weights_sha256[layers] = core::sha256_hex_of_file(layers);
  }
  if (job.run.load_detectors) {
    for (const auto& category : parts.dataset.categories) {
      for (const auto& detector : job.detectors) {
        const auto file = saved_detector(*job.run.load_detectors, detector.label, category.name);
        provenance.weights_sha256[file.string()] = core::sha256_hex_of_file(file);
      }
    }
  }
  for (const auto& set : parts.prompt_sets) provenance.prompts_sha256[set.name] = core::sha256_hex_of_file(set.file);
  provenance.activation = parts.clip->config().activation == networks::Activation::kGelu ? "gelu" : "quick_gelu";
  provenance.home = home;
  return provenance;
}

}  // namespace

void set_threads(int threads) {
  const int all = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  at::set_num_threads(threads == 0 ? all : threads);
}

RunResult run_job(const Job& job, const Installation& installation, bool styled) {
  set_threads(job.options.threads);
  Parts parts = gather(job, installation);
  const Provenance provenance = provenance_of(job, parts, installation.home);
  const RunFolder folder = RunFolder::create(job, provenance);
  try {
    const core::LogFile log(folder.path() / "log");
    for (const auto& note : parts.dataset.notes) core::log_info(note);
    try {
      evaluate(job, parts, folder);
      RunResult result{folder.path(), reporting::write_tables(folder.path(), styled)};
      folder.write_status("done");
      core::log_info(fmt::format("done: {}", folder.path().string()));
      return result;
    } catch (const std::exception& error) {
      log.write_error(error.what());
      throw;
    }
  } catch (const core::Interrupted& error) {
    mark_failed(folder, "interrupted", error.what());
    throw core::Interrupted(error.exit_code() - 128, folder.path().string());
  } catch (const std::exception& error) {
    mark_failed(folder, "failed", error.what());
    throw;
  }
}

}  // namespace normadd::experiment
