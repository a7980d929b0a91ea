// SPDX-License-Identifier: Apache-2.0
// Few-shot: which training images a detector sees. By default all; otherwise the first k, k drawn by a seed, or a list
// that a person wrote, because published few-shot numbers depend on which images were drawn.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "config/options.h"
#include "detectors/detector.h"

namespace normadd::detectors {

struct ShotOptions {
  std::optional<int> shots;
  std::optional<int> shot_seed;
  std::optional<std::string> shot_list;  // YAML file, CATEGORY: [image id, ...]
  /// Part of a detector's options: declares shots, shot_seed and shot_list.
  void describe(config::Options& options);
};

class ShotSelection {
 public:
  /// key: where the options stand in the configuration, for messages. Throws ConfigError for a seed and a list at once
  /// and for a seed without shots; DataError for a list that cannot be read.
  explicit ShotSelection(const ShotOptions& options, std::string key = "detector");

  /// Positions in train, in the order in which they were chosen: fewer shots are a prefix of more. First k: by id, or
  /// as they come where ids are unknown. A list may name an image twice, as lists drawn with replacement do. Throws
  /// DataError when the category has too few images, is not in the list, or lacks an id of the list.
  std::vector<std::size_t> positions(const ImageSource& train) const;
  /// The chosen images as a source of their own. It keeps a copy of train.read.
  ImageSource of(const ImageSource& train) const;
  /// How many of num_train images will be used, for estimates; with a list, its longest entry.
  std::size_t count(std::size_t num_train) const;
  bool all() const { return !options_.shots && !options_.shot_list; }
  /// For settings(): shots, shot_seed and a hash of the list.
  nlohmann::ordered_json identity() const;

 private:
  std::vector<std::size_t> listed(const ImageSource& train) const;

  ShotOptions options_;
  std::string key_;
  std::map<std::string, std::vector<std::string>> list_;
  std::string list_hash_;
};

}  // namespace normadd::detectors
