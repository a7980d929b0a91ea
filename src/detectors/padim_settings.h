// SPDX-License-Identifier: Apache-2.0
// PaDiM's options, and what they amount to under a profile. Every difference between profiles is one option whose null
// stands for the profile's value.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "config/options.h"
#include "detectors/resources.h"
#include "imaging/gaussian.h"

namespace normadd::detectors {

struct PadimOptions {
  std::string name = "padim";
  std::string profile = "reference";
  std::optional<int> dims;
  std::optional<std::string> selection;
  int selection_seed = 1024;
  std::optional<double> regularisation;
  std::optional<std::string> blur_border;
  std::optional<double> blur_sigma_px = 4.0;
  int batch_size = 8;
  double memory_limit_gb = 16.0;
  void describe(config::Options& options);
  /// What the profile wants of the backbone.
  FeatureRequest feature_request() const;
};

struct PadimSettings {
  int dims = 0;
  bool python_selection = true;  // else drawn by the run's seed
  double regularisation = 0;
  imaging::Border blur_border = imaging::Border::kReflect;
  std::optional<double> blur_sigma_px;
};

/// channels: of all taps together. Throws ConfigError when more dims are asked for than there are channels.
PadimSettings padim_settings(const PadimOptions& options, int channels);

/// The settings as they stand in a saved file's header.
nlohmann::ordered_json padim_identity(const PadimOptions& options, const PadimSettings& settings);

}  // namespace normadd::detectors
