// SPDX-License-Identifier: Apache-2.0
// Where a generated prompt set comes from: the key "provenance" of its file. Hand-written sets have none.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/options.h"

namespace normadd::normality {

struct PromptProvenance {
  std::string instruction;  // name of the file in data/prompts/instructions
  int instruction_version = 0;
  std::string instruction_sha256;
  std::string model_asked;         // as it was asked for
  std::vector<std::string> model;  // as the server called it; several when it changed between answers
  std::string host;                // host and port of the endpoint, never a key
  std::string date;                // UTC, of the newest answer
  int num_phrases = 0;             // per pair
  std::optional<double> temperature;
  std::optional<int> seed;
  std::string answers;               // file beside the set with the raw answers, one JSON line per pair
  std::vector<std::string> missing;  // CATEGORY/TYPE of pairs without a usable answer
  void describe(config::Options& options);

  bool operator==(const PromptProvenance&) const = default;
};

/// Throws ConfigError with file:line for unknown keys (nearest name), wrong types and empty fields.
PromptProvenance read_provenance(const config::Value& node);
config::Value to_value(const PromptProvenance& provenance);

}  // namespace normadd::normality
