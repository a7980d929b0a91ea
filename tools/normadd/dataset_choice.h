// SPDX-License-Identifier: Apache-2.0
// The dataset that a command line names: a folder, a layout, or overrides as 'normadd run' takes them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/value.h"

namespace normadd::tools {

struct DatasetRequest {
  std::optional<std::string> root;                    // a folder, or a manifest
  std::optional<std::string> layout;                  // one of datasets::layout_names()
  std::vector<std::string> categories;                // empty = as configured
  std::vector<std::string> overrides;                 // dataset=..., dataset.key=...
  std::vector<std::filesystem::path> config_folders;  // searched before the program's own
};

struct ChosenDataset {
  config::Value node;  // for experiment::read_dataset
  std::string layout;  // its reader
  bool guessed = false;
};

/// Whether an argument is an override of the dataset, such as dataset=visa, dataset.root=x, ~dataset.key.
bool is_dataset_override(const std::string& argument);

/// Composes configs/config.yaml with the overrides and takes its dataset. The layout is the one named, by layout or by
/// dataset=..., else guessed from root. Throws ConfigError and DataError.
ChosenDataset choose_dataset(const DatasetRequest& request);

/// Calls use, and adds to a DataError that the layout was only guessed.
void with_guess_explained(const ChosenDataset& chosen, const std::function<void()>& use);

}  // namespace normadd::tools
