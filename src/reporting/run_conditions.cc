// SPDX-License-Identifier: Apache-2.0
#include "reporting/run_conditions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "config/compose.h"
#include "core/error.h"

namespace normadd::reporting {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCard = "card ";

config::Value read_map(const fs::path& file) {
  constexpr const char* kHint = "Name the folder of a finished run, e.g. results/runs/DATE/TIME_HASH.";
  if (!fs::is_regular_file(file)) throw core::DataError("a run's folder has this file", file.string(), kHint);
  try {
    // JSON is YAML, too.
    config::Value value = config::read_yaml(file);
    if (value.is_map()) return value;
  } catch (const core::Error&) {
  }
  throw core::DataError("this file is damaged", file.string(), kHint);
}

bool is_number(const config::Value& value) { return value.is_integer() || value.is_float(); }

/// Settings were single precision before they were written.
bool is_same(const config::Value& ours, const config::Value& theirs) {
  if (is_number(ours) && is_number(theirs)) {
    const double a = ours.as_float(), b = theirs.as_float();
    return std::abs(a - b) <= 1e-6 * std::max(std::abs(a), std::abs(b));
  }
  if (ours.is_list() && theirs.is_list()) {
    return std::equal(ours.as_list().begin(), ours.as_list().end(), theirs.as_list().begin(), theirs.as_list().end(),
                      is_same);
  }
  return ours == theirs;
}

std::string shown(const config::Value& value) {
  return value.is_string() ? value.as_string() : config::short_text(value);
}

/// For people: the key by which a setting is known to them.
std::string name_of(const std::string& key) {
  if (key == "network") return "backbone";
  constexpr std::string_view kHash = "weights_sha256";
  return key.ends_with(kHash) ? key.substr(0, key.size() - kHash.size()) + "weights" : key;
}

/// One condition; empty when it is met.
std::string difference(const std::string& key, const config::Value* ours, const config::Value& theirs,
                       const OfficialFacts& facts) {
  static const config::Value kNull;
  const config::Value& value = ours == nullptr ? kNull : *ours;
  if (theirs.is_string() && theirs.as_string().starts_with(kCard)) {
    const std::string card = theirs.as_string().substr(kCard.size());
    const auto sha256 = facts.sha256_of_card.find(card);
    if (sha256 == facts.sha256_of_card.end() || sha256->second.empty()) {
      return fmt::format("{}: the weight card {} is not pinned, so that nobody can say whether these are its weights",
                         name_of(key), card);
    }
    if (value.is_string() && value.as_string() == sha256->second) return "";
    return fmt::format("{}: sha256 {}, published: {} ({})", name_of(key), shown(value).substr(0, 12), card,
                       sha256->second.substr(0, 12));
  }
  return is_same(value, theirs) ? "" : fmt::format("{}: {}, published: {}", name_of(key), shown(value), shown(theirs));
}

const config::Value* path_of(const config::Value* node, const std::string& path) {
  return node == nullptr ? nullptr : node->find_path(path);
}

std::size_t count_of(const config::Value& images, const std::string& key) {
  const config::Value* value = images.find(key);
  return value != nullptr && value->is_integer() ? static_cast<std::size_t>(value->as_integer()) : 0;
}

}  // namespace

RunConditions::RunConditions(const fs::path& run_folder)
    : manifest_(read_map(run_folder / "manifest.json")), configuration_(read_map(run_folder / "config.resolved.yaml")) {
  const config::Value* name = configuration_.find_path("dataset.name");
  if (name != nullptr && name->is_string()) dataset_ = name->as_string();
}

std::vector<std::string> RunConditions::detectors() const {
  std::vector<std::string> labels;
  const config::Value* all = manifest_.find("detectors");
  if (all == nullptr || !all->is_map()) return labels;
  for (const auto& [label, settings] : all->as_map()) labels.push_back(label);
  return labels;
}

const config::Value* RunConditions::settings_of(const std::string& detector) const {
  const config::Value* all = manifest_.find("detectors");
  return all == nullptr ? nullptr : all->find(detector);
}

/// Zero-shot detectors do not see the training images.
bool RunConditions::is_fitted(const std::string& detector) const {
  const config::Value* settings = settings_of(detector);
  const config::Value* shots = path_of(settings, "shots");
  if (shots == nullptr || !shots->is_map()) return true;
  const config::Value* count = shots->find("shots");
  const config::Value* list = shots->find("shot_list_xxh128");
  return (count != nullptr && !count->is_null()) || (list != nullptr && !list->is_null());
}

std::vector<std::string> RunConditions::differences(const PublishedSource& source, const std::string& detector,
                                                    const std::string& published_dataset,
                                                    const OfficialFacts& facts) const {
  std::vector<std::string> all;
  const auto add = [&](std::string text) {
    if (!text.empty()) all.push_back(std::move(text));
  };
  if (dataset_ != published_dataset) add(fmt::format("dataset: {}, published: {}", dataset_, published_dataset));
  const config::Value* settings = settings_of(detector);
  for (const auto& [key, value] : source.settings) add(difference(key, path_of(settings, key), value, facts));
  for (const auto& [key, value] : source.configuration) {
    add(difference(key, configuration_.find_path(key), value, facts));
  }
  return all;
}

std::vector<std::string> RunConditions::category_differences(const std::string& category, const std::string& detector,
                                                             bool of_pixels, const OfficialFacts& facts) const {
  const auto dataset = facts.datasets.find(dataset_);
  if (dataset == facts.datasets.end()) return {};
  const auto found = dataset->second.categories.find(category);
  if (found == dataset->second.categories.end()) return {fmt::format("{} is no category of {}", category, dataset_)};
  const OfficialCategory& official = found->second;
  const config::Value* all_images = manifest_.find("images");
  const config::Value* images = all_images == nullptr ? nullptr : all_images->find(category);
  if (images == nullptr || !images->is_map()) {
    return {fmt::format("{}: the run's manifest does not say how many images took part", category)};
  }
  std::vector<std::string> all;
  if (const std::size_t train = count_of(*images, "train"); is_fitted(detector) && train != official.train) {
    all.push_back(fmt::format("{}: {} training images, officially {}", category, train, official.train));
  }
  const std::size_t normal = count_of(*images, "test_normal"), anomalous = count_of(*images, "test_anomalous");
  if (normal != official.test_normal || anomalous != official.test_anomalous) {
    all.push_back(fmt::format("{}: {} good and {} anomalous test images, officially {} and {}", category, normal,
                              anomalous, official.test_normal, official.test_anomalous));
  }
  const config::Value* size = images->find("picture_px");
  if (size != nullptr && size->is_list() && size->as_list().size() == 2 &&
      !(size->as_list()[0] == config::Value(official.picture_px) &&
        size->as_list()[1] == config::Value(official.picture_px))) {
    all.push_back(fmt::format("{}: pictures of {} x {} px, officially {} x {}", category, shown(size->as_list()[0]),
                              shown(size->as_list()[1]), official.picture_px, official.picture_px));
  }
  if (const std::size_t missing = count_of(*images, "missing_masks"); of_pixels && missing > 0) {
    all.push_back(fmt::format("{}: {} of {} anomalous test images have no mask and are left out of pixel metrics",
                              category, missing, anomalous));
  }
  return all;
}

}  // namespace normadd::reporting
