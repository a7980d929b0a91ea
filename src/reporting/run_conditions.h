// SPDX-License-Identifier: Apache-2.0
// Under which conditions a run was made, and in what they differ from those of a published number. All of it is read
// from the run's folder; what the program alone knows is handed in.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "config/value.h"
#include "reporting/published.h"

namespace normadd::reporting {

/// One category of an official release.
struct OfficialCategory {
  std::size_t train = 0, test_normal = 0, test_anomalous = 0;
  int picture_px = 0;  // both sides
};

struct OfficialDataset {
  std::map<std::string, OfficialCategory> categories;
  std::size_t num_pairs = 0;  // (category, added type) with something retained
};

/// What libraries above this room know.
struct OfficialFacts {
  std::map<std::string, OfficialDataset> datasets;    // by dataset.name
  std::map<std::string, std::string> sha256_of_card;  // empty where the card is not pinned
};

class RunConditions {
 public:
  /// Reads manifest.json and config.resolved.yaml. Throws DataError when one is missing or damaged.
  explicit RunConditions(const std::filesystem::path& run_folder);

  const std::string& dataset() const { return dataset_; }
  /// Labels of the run's detectors, in the order of the manifest.
  std::vector<std::string> detectors() const;

  // Each difference is one clause for people, e.g. "network: resnet18 ..., published: wide_resnet50_2 ...".

  /// Of the whole run and one detector of it.
  std::vector<std::string> differences(const PublishedSource& source, const std::string& detector,
                                       const std::string& published_dataset, const OfficialFacts& facts) const;
  /// Of one category: its images are not those of the official release. of_pixels: also what only pixel metrics mind.
  std::vector<std::string> category_differences(const std::string& category, const std::string& detector,
                                                bool of_pixels, const OfficialFacts& facts) const;

 private:
  const config::Value* settings_of(const std::string& detector) const;
  bool is_fitted(const std::string& detector) const;

  config::Value manifest_, configuration_;
  std::string dataset_;
};

}  // namespace normadd::reporting
