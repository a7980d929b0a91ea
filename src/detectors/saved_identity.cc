// SPDX-License-Identifier: Apache-2.0
#include "detectors/saved_identity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "core/error.h"

namespace normadd::detectors {
namespace {

const char* filter_name(imaging::Filter filter) {
  switch (filter) {
    case imaging::Filter::kNearest:
      return "nearest";
    case imaging::Filter::kBilinear:
      return "bilinear";
    case imaging::Filter::kBicubic:
      return "bicubic";
    case imaging::Filter::kLanczos:
      return "lanczos";
  }
  NORMADD_CHECK(false, std::to_string(static_cast<int>(filter)));
  return "";
}

/// "a.b" -> value as text, for each leaf; lists count as one leaf.
void collect(const nlohmann::ordered_json& node, const std::string& prefix,
             std::map<std::string, std::string>& leaves) {
  for (const auto& [key, value] : node.items()) {
    const std::string path = prefix.empty() ? key : fmt::format("{}.{}", prefix, key);
    if (value.is_object()) {
      collect(value, path, leaves);
    } else {
      leaves[path] = value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    }
  }
}

}  // namespace

nlohmann::ordered_json extractor_identity(const networks::FeatureExtractor& extractor) {
  const networks::Preprocessing& p = extractor.preprocessing();
  nlohmann::ordered_json json;
  json["network"] = extractor.description();
  json["channels"] = extractor.channels();
  json["weights_sha256"] = extractor.weights_sha256();
  json["preprocessing"] = {{"mode", p.mode == networks::ResizeMode::kSquash ? "squash" : "shorter_side"},
                           {"resize_px", p.resize_px},
                           {"crop_px", p.crop_px},
                           {"filter", filter_name(p.filter)},
                           {"mean", p.mean},
                           {"std", p.std}};
  return json;
}

void require_same_identity(const std::string& saved, const nlohmann::ordered_json& current,
                           const std::filesystem::path& path) {
  const auto parsed = nlohmann::ordered_json::parse(saved, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) {
    throw core::WeightsError("the description of the saved detector is damaged", path.string(),
                             "Fit the detector again.");
  }
  std::map<std::string, std::string> then, now;
  collect(parsed, "", then);
  collect(current, "", now);
  std::set<std::string> keys;
  for (const auto* leaves : {&then, &now}) {
    for (const auto& [key, value] : *leaves) keys.insert(key);
  }
  const auto text = [](const std::map<std::string, std::string>& leaves, const std::string& key) {
    const auto found = leaves.find(key);
    return found == leaves.end() ? std::string("absent") : found->second;
  };
  std::vector<std::string> differences;
  for (const auto& key : keys) {
    if (text(then, key) == text(now, key)) continue;
    differences.push_back(fmt::format("{} was {} and is now {}", key, text(then, key), text(now, key)));
  }
  if (differences.empty()) return;
  throw core::WeightsError(
      fmt::format("the saved detector was made with other settings: {}", fmt::join(differences, "; ")), path.string(),
      "Use the configuration of the run that saved it, or fit the detector again.");
}

}  // namespace normadd::detectors
