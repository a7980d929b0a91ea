// SPDX-License-Identifier: Apache-2.0
// What zero-shot detectors say about a product in words: texts of a good one and of an anomalous one, from an ensemble
// file (data/prompts/detectors/NAME.yaml):
//   name, author, description   who wrote it and how
//   class_name                  as_is (metal_nut) or spaces (metal nut): how the category's name appears in texts
//   templates                   each with one {}: the sentence around a state; one given twice counts twice
//   normal, anomalous           states, each with one {}: the product's name goes there
// Source: the compositional prompt ensemble of Jeong et al., arXiv 2303.14814 (WinCLIP), section 4.1; Chen et al.,
// arXiv 2305.17382 (APRIL-GAN) use the same form.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "config/options.h"
#include "networks/clip.h"

namespace normadd::detectors {

struct StateEnsemble {
  std::filesystem::path file;
  bool spaces_in_names = false;
  std::vector<std::string> templates, normal, anomalous;

  /// Every state in every template, state by state, with the product's name in it.
  std::vector<std::string> texts(const std::vector<std::string>& states, const std::string& noun) const;
};

/// Throws DataError with file:line for unknown keys (nearest name), wrong types and phrases without exactly one {};
/// ConfigError with file:line for malformed YAML; DataError for a missing file.
StateEnsemble read_state_ensemble(const std::filesystem::path& file);

struct TextStateOptions {
  std::string prompts;
  std::optional<std::string> class_name;
  config::MapEntries class_names;
  bool truncate_texts = false;
  /// Part of a detector's options: declares these fields.
  void describe(config::Options& options);
};

/// How the embeddings of a state's texts become one: their plain mean (WinCLIP), or each brought to unit length, mean,
/// unit length (APRIL-GAN).
enum class TextMean { kPlain, kOfUnits };

class TextStates {
 public:
  /// key: where the options stand in the configuration, for messages. Throws what read_state_ensemble throws, and
  /// ConfigError for a name in class_names that is no text.
  TextStates(const TextStateOptions& options, std::string key);

  /// What the texts call a category. Throws DataError for a category without a name.
  std::string noun(const std::string& category) const;
  /// [2, E], unit length: normal, anomalous. Throws ConfigError quoting a text that is too long, unless truncated.
  at::Tensor directions(const networks::Clip& clip, const std::string& category, TextMean mean) const;
  /// For settings(): all that decides the texts.
  nlohmann::ordered_json identity() const;

 private:
  StateEnsemble ensemble_;
  bool spaces_ = false;
  std::vector<std::pair<std::string, std::string>> names_;
  bool truncate_ = false;
  std::string key_;
};

}  // namespace normadd::detectors
