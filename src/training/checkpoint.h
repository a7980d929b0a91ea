// SPDX-License-Identifier: Apache-2.0
// Where a training stands, so that it can be killed at any moment and goes on as if nothing had happened.
// Random numbers need no place here: every step draws from a stream named after its number.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "config/options.h"
#include "networks/safetensors.h"
#include "training/adamw.h"

namespace normadd::training {

/// The options as one line, "learning_rate=0.0015 seed=1 …": two trainings with equal texts take the same steps.
/// Fields named in except (how far to go, how many threads) do not change the steps and are left out.
template <typename T>
std::string options_text(T options, const std::vector<std::string>& except = {}) {
  config::Options visitor(nullptr);
  options.describe(visitor);
  std::string text;
  for (const auto& field : visitor.fields()) {
    if (std::find(except.begin(), except.end(), field.name) != except.end()) continue;
    text += (text.empty() ? "" : " ") + field.name + "=" + config::short_text(field.default_value);
  }
  return text;
}

/// Writes weights, moments, number of steps and options atomically into one safetensors file.
void save_checkpoint(const std::filesystem::path& file, const networks::TensorMap& weights, const AdamW& optimiser,
                     const std::string& options);

/// Copies a checkpoint's values into weights and optimiser; returns the steps done, or nothing when there is no file.
/// Throws ConfigError when it was made with other options, WeightsError when it is damaged.
std::optional<std::int64_t> load_checkpoint(const std::filesystem::path& file, networks::TensorMap& weights,
                                            AdamW& optimiser, const std::string& options);

}  // namespace normadd::training
