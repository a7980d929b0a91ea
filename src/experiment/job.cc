// SPDX-License-Identifier: Apache-2.0
#include "experiment/job.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "config/fingerprint.h"
#include "core/error.h"
#include "core/hashing.h"
#include "core/nearest_name.h"
#include "metrics/aupro_options.h"
#include "normality/controls.h"

namespace normadd::experiment {
namespace {

const std::vector<std::string> kNodes{"dataset",   "detector", "detectors",  "backbone", "clip",
                                      "normality", "prompts",  "fusion",     "metrics",  "launcher",
                                      "run",       "cache",    "experiment", "sweep",    "sweeper"};
const std::vector<std::string> kScalars{"seed", "threads", "device", "controls"};

const config::Value& node_of(const config::Value& root, const std::string& name) {
  const config::Value* node = root.find(name);
  if (node == nullptr || !node->is_map()) {
    throw core::ConfigError("the configuration has no such section", name,
                            fmt::format("Choose one, e.g. {}=NAME (see configs/{}).", name, name));
  }
  return *node;
}

// The scalars at the top, as a map of their own that read_options can check.
config::Value top_level_scalars(const config::Value& root) {
  std::vector<std::string> valid = kNodes;
  valid.insert(valid.end(), kScalars.begin(), kScalars.end());
  config::MapEntries scalars;
  for (const auto& [key, value] : root.as_map()) {
    if (std::find(valid.begin(), valid.end(), key) == valid.end()) {
      const std::string where =
          value.source.line > 0 ? fmt::format("{}:{}", value.source.file, value.source.line) : value.source.file;
      throw core::ConfigError(fmt::format("unknown key '{}'", key), where, core::did_you_mean(key, valid));
    }
    if (std::find(kScalars.begin(), kScalars.end(), key) != kScalars.end()) scalars.emplace_back(key, value);
  }
  return config::Value(std::move(scalars));
}

// Without the keys that say where or how fast, never what. Detectors made elsewhere do decide numbers.
std::string identity_of(config::Value resolved, const RunOptions& run) {
  for (const char* key : {"run", "cache", "launcher", "threads", "sweep", "sweeper"}) resolved.erase(key);
  return core::xxh128_hex(config::fingerprint(resolved) + run.load_detectors.value_or(""));
}

/// A shell expands '~' at the start of a word only, so that key=~/x arrives here as it stands.
void refuse_tildes(const config::Value& node, const std::string& key) {
  if (node.is_map()) {
    for (const auto& [name, value] : node.as_map()) refuse_tildes(value, key.empty() ? name : key + "." + name);
  } else if (node.is_string() && (node.as_string() == "~" || node.as_string().starts_with("~/"))) {
    throw core::ConfigError(fmt::format("'{}' is not expanded after '='", node.as_string()), key,
                            fmt::format("Write {}=$HOME{}", key, node.as_string().substr(1)));
  }
}

void refuse_repetitions(const std::vector<std::string>& names, const std::string& key) {
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (std::find(names.begin(), name, *name) == name) continue;
    throw core::ConfigError(fmt::format("'{}' is named twice", *name), key, "Name each once.");
  }
}

/// The main detector goes by its own name, the others by their keys.
std::vector<NamedDetector> detectors_of(const config::Value& root) {
  const config::Value& main = node_of(root, "detector");
  const config::Value* name = main.find("name");
  std::vector<NamedDetector> detectors{
      {name != nullptr && name->is_string() ? name->as_string() : "detector", "detector", main}};
  const config::Value* others = root.find("detectors");
  if (others == nullptr || others->is_null()) return detectors;
  if (!others->is_map()) {
    throw core::ConfigError("this is not a map of detectors", "detectors",
                            "Add one with +detector@detectors.LABEL=NAME, e.g. +detector@detectors.padim=padim.");
  }
  for (const auto& [label, node] : others->as_map()) {
    const std::string key = fmt::format("detectors.{}", label);
    for (const auto& detector : detectors) {
      if (detector.label != label) continue;
      throw core::ConfigError(fmt::format("two detectors would be called '{}' in tables", label), key,
                              "Give this one another key.");
    }
    // Labels become folders of the run.
    if (label.empty() || label.find_first_of("/\\") != std::string::npos || label.front() == '.') {
      throw core::ConfigError(fmt::format("'{}' cannot be the name of a folder", label), key,
                              "Take letters, digits, '-' and '_'.");
    }
    if (!node.is_map()) {
      throw core::ConfigError("this is not a detector's section", key,
                              fmt::format("Choose one, e.g. +detector@{}=padim.", key));
    }
    detectors.push_back({label, key, node});
  }
  return detectors;
}

}  // namespace

void BackboneOptions::describe(config::Options& o) {
  o.field("name", name).help("architecture: resnet18, resnet50, wide_resnet50_2, micro_resnet or clip").required();
  o.field("weights", weights).help("safetensors file, or the model folder for clip").required();
  o.field("taps", taps).help("layers whose output is used, first = finest grid; [] = those of the detector's profile");
  o.field("resize_mode", resize_mode)
      .help("shorter_side keeps the aspect, squash does not; null = as the detector's profile")
      .one_of({"shorter_side", "squash"});
  o.field("resize_px", resize_px).help("target of the resize; null = the profile's").unit("px").at_least(1);
  o.field("crop_px", crop_px).help("centre crop, 0 = none; null = the profile's").unit("px").at_least(0);
  o.field("filter", filter)
      .help("resampling as Pillow does it; null = the profile's")
      .one_of({"nearest", "bilinear", "bicubic", "lanczos"});
  o.field("precision", precision).help("arithmetic of the network").one_of({"float32", "bfloat16"});
}

void ClipOptions::describe(config::Options& o) {
  o.field("name", name).help("name in tables").required();
  o.field("path", path)
      .help("folder with open_clip_config.json, open_clip_model.safetensors and a vocabulary")
      .required();
  o.field("activation", activation).help("auto = as the model's config says").one_of({"auto", "gelu", "quick_gelu"});
  o.field("image_px", image_px).help("input size; null = the model's own").unit("px");
  o.field("taps", taps).help("blocks that normality=clip_tokens compares with the texts");
}

void PromptsOptions::describe(config::Options& o) {
  o.field("sets", sets).help("prompt sets, files in prompts.folder without .yaml");
  o.field("folder", folder)
      .help("where prompt sets are; those that it lacks are taken from the shipped ones")
      .required();
}

void MetricsOptions::describe(config::Options& o) {
  o.field("pixel", pixel).help("pixel AUROC, AP, F1-max and AUPRO on the original labels");
  o.field("pixel_pairs", pixel_pairs).help("pixel AUROC before and after for every pair (from bins 0.2 % wide)");
  o.field("aupro", aupro)
      .help("which definition of AUPRO; official, cflow and anomalib only to compare with papers that used them")
      .one_of(metrics::aupro_variant_names());
  o.field("aupro_limit", aupro_limit).help("false positive rate up to which AUPRO goes").range(0, 1).above(0);
  o.field("per_type", per_type).help("every metric also for each defect type alone against good");
  o.field("anomalous_only", anomalous_only).help("pixel metrics also without the good images' pixels");
  o.field("resolution", resolution)
      .help("where pixels are compared: on the map's own grid or on the image's")
      .one_of({"map", "image"});
}

void CacheOptions::describe(config::Options& o) {
  o.field("dir", dir).help("where the outputs of stages are kept, for all runs that need the same").required();
  o.field("enabled", enabled).help("false = every run computes everything itself");
  o.field("max_gb", max_gb)
      .help("what is cheapest to recompute goes first beyond this; null = no limit")
      .unit("GB")
      .above(0);
}

void RunOptions::describe(config::Options& o) {
  o.field("dir", dir).help("the run's folder; null = run.root/DATE/TIME_HASH");
  o.field("root", root).help("parent of run folders");
  o.field("batch_size", batch_size).help("images per pass; does not change results").at_least(1);
  o.field("panels", panels).help("write a picture of the maps for every pair; null = in single runs, not in sweeps");
  o.field("save_detectors", save_detectors).help("keep each category's fitted detector in the run folder");
  o.field("save_maps", save_maps).help("write every test image's anomaly map as float TIFF, below maps/DETECTOR");
  o.field("load_detectors", load_detectors)
      .help("folder of a run that saved its detectors (or one with CATEGORY.safetensors): load instead of fitting");
}

void JobOptions::describe(config::Options& o) {
  o.field("seed", seed).help("root of all random streams").at_least(0);
  o.field("threads", threads).help("0 = all cores; does not change results").at_least(0);
  o.field("device", device).help("where networks run").one_of({"cpu"});
  o.field("controls", controls)
      .help(
          "control suppressions evaluated beside the prompts: none, constant, random, shuffled_prompts, wrong_object, "
          "oracle");
}

Job make_job(const config::ComposedConfig& composed) { return make_job(composed, config::resolve(composed)); }

Job make_job(const config::ComposedConfig& composed, config::Value resolved) {
  Job job;
  job.composed = composed;
  job.resolved = std::move(resolved);
  const config::Value& root = job.resolved;
  refuse_tildes(root, "");

  job.options = config::read_options<JobOptions>(top_level_scalars(root), "");
  job.backbone = config::read_options<BackboneOptions>(node_of(root, "backbone"), "backbone");
  job.clip = config::read_options<ClipOptions>(node_of(root, "clip"), "clip");
  job.prompts = config::read_options<PromptsOptions>(node_of(root, "prompts"), "prompts");
  job.metrics = config::read_options<MetricsOptions>(node_of(root, "metrics"), "metrics");
  job.run = config::read_options<RunOptions>(node_of(root, "run"), "run");
  job.fusion = config::read_options<normality::FusionOptions>(node_of(root, "fusion"), "fusion");
  job.cache = config::read_options<CacheOptions>(node_of(root, "cache"), "cache");
  job.dataset = node_of(root, "dataset");
  job.detectors = detectors_of(root);
  job.normality = node_of(root, "normality");
  job.fusion_name = job.fusion.rule;
  job.identity = identity_of(job.resolved, job.run);
  job.id = job.identity.substr(0, 8);
  refuse_repetitions(job.options.controls, "controls");
  for (const auto& control : job.options.controls) normality::parse_control(control);
  refuse_repetitions(job.prompts.sets, "prompts.sets");
  if (job.prompts.sets.empty()) {
    throw core::ConfigError("no prompt set is named", "prompts.sets", "Name at least one, e.g. prompts=described.");
  }
  return job;
}

std::string required_path(const std::string& value, const std::string& key) {
  if (!std::filesystem::exists(value)) {
    throw core::DataError("no such file or folder", value, fmt::format("Set {}=PATH to where it is.", key));
  }
  return value;
}

}  // namespace normadd::experiment
