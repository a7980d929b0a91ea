// SPDX-License-Identifier: Apache-2.0
// A detector that a run has kept, found with its configuration and made ready to predict.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/compose.h"
#include "detectors/detector.h"
#include "experiment/installation.h"
#include "experiment/job.h"
#include "experiment/network_store.h"

namespace normadd::experiment {

/// What a user says about the detector.
struct ModelRequest {
  std::filesystem::path model;          // a saved detector's file, or the folder of a run that kept its detectors
  std::optional<std::string> category;  // needed for a folder; for a file, what it must have been trained for
  std::optional<std::string> detector;  // label of one of a run's several detectors; empty = the first
  std::optional<config::ComposedConfig> config;  // empty = the one frozen in the run's folder
  std::vector<std::string> overrides;            // changes to the frozen configuration, e.g. of moved weights
  Installation installation;
};

/// A former defect type that the user wants to count as normal.
struct AddedType {
  std::string type;
  std::optional<std::string> prompts;  // a prompt set; empty = the first of the configuration
};

/// Ready to predict. Not to be copied: detector refers to networks.
struct LoadedModel {
  Job job;
  std::string category;
  std::unique_ptr<NetworkStore> networks;
  std::shared_ptr<detectors::Detector> detector;  // with normality addition when that was asked for
};

/// Throws ConfigError when the request does not settle which detector is meant or how it was configured; WeightsError
/// for files that are missing, no detector, of another category or made under other settings; DataError for prompt sets
/// that lack texts.
LoadedModel load_model(const ModelRequest& request, const std::optional<AddedType>& added);

}  // namespace normadd::experiment
