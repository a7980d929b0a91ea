// SPDX-License-Identifier: Apache-2.0
// A job: one resolved configuration, read into typed options. Everything a run does follows from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/compose.h"
#include "config/options.h"
#include "config/value.h"
#include "normality/fusion.h"

namespace normadd::experiment {

/// Node "backbone": the frozen image network whose features detectors use. What is empty is for the detector's profile
/// to say.
struct BackboneOptions {
  std::string name;
  std::string weights;
  std::vector<std::string> taps;
  std::optional<std::string> resize_mode;
  std::optional<int> resize_px;
  std::optional<int> crop_px;
  std::optional<std::string> filter;
  std::string precision = "float32";
  void describe(config::Options& options);
};

/// Node "clip": the vision-language model of the normality detector.
struct ClipOptions {
  std::string name;
  std::string path;
  std::string activation = "auto";
  std::optional<int> image_px;
  std::vector<int> taps;
  void describe(config::Options& options);
};

/// Node "prompts": which prompt sets are evaluated, all in one pass over the images.
struct PromptsOptions {
  std::vector<std::string> sets{"described"};
  std::string folder;
  void describe(config::Options& options);
};

/// Node "metrics": what is measured on a detector's maps, or on those of another tool.
struct MetricsOptions {
  bool pixel = true;
  bool pixel_pairs = false;
  std::string aupro = "exact";  // metrics/aupro_options.h
  double aupro_limit = 0.3;
  bool per_type = false;
  bool anomalous_only = false;
  std::string resolution = "map";
  void describe(config::Options& options);
};

/// Node "cache": where shared stages are kept.
struct CacheOptions {
  std::string dir;
  bool enabled = true;
  std::optional<double> max_gb;
  void describe(config::Options& options);
};

/// Node "run".
struct RunOptions {
  std::optional<std::string> dir;
  std::string root = "results/runs";
  int batch_size = 8;
  std::optional<bool> panels;  // null = in single runs, not in sweeps
  bool save_detectors = false;
  bool save_maps = false;
  std::optional<std::string> load_detectors;
  void describe(config::Options& options);
};

/// The scalars at the top of the configuration.
struct JobOptions {
  std::int64_t seed = 0;
  int threads = 0;
  std::string device = "cpu";
  std::vector<std::string> controls;
  void describe(config::Options& options);
};

/// A detector of the run: how tables call it, where its section stands, and the section.
struct NamedDetector {
  std::string label;
  std::string key;
  config::Value node;
};

struct Job {
  config::ComposedConfig composed;  // unresolved, as frozen in .hydra/
  config::Value resolved;
  std::string identity;  // hash of the resolved config without keys that cannot change results
  std::string id;        // its first 8 characters, as the run is called in tables

  JobOptions options;
  BackboneOptions backbone;
  ClipOptions clip;
  PromptsOptions prompts;
  MetricsOptions metrics;
  RunOptions run;
  CacheOptions cache;
  normality::FusionOptions fusion;
  std::string fusion_name;               // as it appears in tables
  config::Value dataset;                 // read by its reader's own options
  std::vector<NamedDetector> detectors;  // "detector", then those of "detectors" in the order of the configuration
  config::Value normality;
};

/// Resolves and checks every node but those that say where jobs run (launcher, sweep, sweeper: sweeps/sweep_options.h).
/// Throws ConfigError for unknown keys (nearest name), wrong types, values out of range
/// and missing "???" values; nothing is read from disk beyond the configuration.
Job make_job(const config::ComposedConfig& composed);
/// The same from a configuration that was resolved before.
Job make_job(const config::ComposedConfig& composed, config::Value resolved);

/// Whether value is an existing directory or file; for messages about paths from the configuration.
std::string required_path(const std::string& value, const std::string& key);

}  // namespace normadd::experiment
