// SPDX-License-Identifier: Apache-2.0
#include "detectors/ensemble.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/error.h"
#include "core/hashing.h"
#include "core/progress.h"
#include "core/random.h"
#include "detectors/registry.h"
#include "detectors/saved_format.h"
#include "networks/safetensors.h"

namespace normadd::detectors {
namespace {

namespace fs = std::filesystem;

constexpr int kFileFormat = 1;
constexpr const char* kChecksumNote = "normadd.member.";

fs::path member_file(const fs::path& path, const std::string& label) {
  fs::path folder = path;
  return folder.replace_extension(".members") / (label + ".safetensors");
}

bool can_name_a_file(const std::string& label) {
  return !label.empty() && label.front() != '.' && label.find('/') == std::string::npos;
}

/// The pictures with these numbers, in their order.
ImageSource subset(const ImageSource& all, std::vector<std::size_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  ImageSource part;
  part.count = numbers.size();
  part.category = all.category;
  for (const std::size_t number : numbers) {
    if (!all.ids.empty()) part.ids.push_back(all.ids[number]);
  }
  part.read = [read = all.read, numbers = std::move(numbers)](std::size_t i) { return read(numbers[i]); };
  return part;
}

/// Evenly spaced values of a map with its extremes: enough for quantiles, whatever the map's size.
void collect(const imaging::Map& map, std::vector<double>& values) {
  constexpr std::size_t kMostPerMap = std::size_t{1} << 16;
  const std::size_t stride = (map.values.size() + kMostPerMap - 1) / kMostPerMap;
  for (std::size_t i = 0; i < map.values.size(); i += stride) values.push_back(map.values[i]);
  const auto [lowest, highest] = std::minmax_element(map.values.begin(), map.values.end());
  values.push_back(*lowest);
  values.push_back(*highest);
}

std::string member_key(const std::string& key, const std::string& label) {
  return fmt::format("{}.members.{}", key, label);
}

}  // namespace

void EnsembleOptions::describe(config::Options& o) {
  o.field("name", name).help("registered name").one_of({"ensemble"});
  o.field("members", members).help("detectors by label: +detector@detector.members.LABEL=NAME adds one").required();
  o.field("weights", weights).help("one per member, in their order; [] = all alike").at_least(0);
  o.field("normalisation", normalisation)
      .help("how good pictures put the members onto one scale")
      .one_of({"min_max", "rank"});
  o.field("calibration_share", calibration_share)
      .help(
          "share of train/good kept from the members for that scale; 0 = all of it twice, for members that learn "
          "nothing")
      .at_least(0)
      .below(1);
}

Ensemble::Ensemble(EnsembleOptions options, std::vector<EnsembleMember> members, const std::string& key)
    : options_(std::move(options)), members_(std::move(members)), weights_(options_.weights) {
  parse_normalisation(options_.normalisation);
  if (members_.empty()) {
    throw core::ConfigError("an ensemble needs members", fmt::format("{}.members", key),
                            "Add some: +detector@detector.members.a=patchcore.");
  }
  for (const auto& member : members_) {
    if (can_name_a_file(member.label)) continue;
    throw core::ConfigError(fmt::format("the label '{}' cannot name a file", member.label),
                            fmt::format("{}.members", key), "Use letters, digits, '_' and '-'.");
  }
  if (weights_.empty()) weights_.assign(members_.size(), 1.0);
  const double sum = std::accumulate(weights_.begin(), weights_.end(), 0.0);
  if (weights_.size() != members_.size() || !(sum > 0)) {
    throw core::ConfigError(
        fmt::format("there are {} weights that add up to {}, for {} members", weights_.size(), sum, members_.size()),
        fmt::format("{}.weights", key), "Give one per member, not all 0, or [] for all alike.");
  }
  for (double& weight : weights_) weight /= sum;
}

std::unique_ptr<Ensemble> Ensemble::make(const config::Value& node, const Resources& resources,
                                         const std::string& key) {
  auto options = config::read_options<EnsembleOptions>(node, key);
  std::vector<EnsembleMember> members;
  for (const auto& [label, section] : options.members) {
    members.push_back({label, make_detector(section, resources, member_key(key, label))});
  }
  return std::make_unique<Ensemble>(std::move(options), std::move(members), key);
}

void Ensemble::fit(const ImageSource& train, std::uint64_t seed) {
  std::vector<std::size_t> numbers(train.count);
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  std::vector<std::size_t> held_out = numbers;
  if (options_.calibration_share > 0) {
    constexpr std::size_t kFewestHeldOut = 2;
    if (train.count < kFewestHeldOut + 1) {
      throw core::DataError(
          fmt::format("an ensemble sets at least {} good pictures aside for its scale and there are only {} in all",
                      kFewestHeldOut, train.count),
          "", "Use more training pictures, or detector.calibration_share=0 for members that learn nothing.");
    }
    core::RandomStream(seed, "ensemble/calibration").shuffle(numbers);
    const auto wanted =
        static_cast<std::size_t>(std::llround(options_.calibration_share * static_cast<double>(train.count)));
    const auto count = static_cast<std::ptrdiff_t>(std::clamp(wanted, kFewestHeldOut, train.count - 1));
    held_out.assign(numbers.begin(), numbers.begin() + count);
    numbers.erase(numbers.begin(), numbers.begin() + count);
  }
  const ImageSource fitted = subset(train, std::move(numbers));
  for (auto& member : members_) {
    member.detector->fit(fitted, core::RandomStream(seed, "ensemble/member/" + member.label).bits());
  }
  calibrate(subset(train, std::move(held_out)));
}

void Ensemble::calibrate(const ImageSource& held_out) {
  std::vector<std::vector<double>> map_values(members_.size()), scores(members_.size());
  core::Progress progress("scale of the ensemble", std::max<std::size_t>(held_out.count, 1));
  for (std::size_t i = 0; i < held_out.count; ++i) {
    const imaging::Image image = held_out.read(i);
    const auto ids = held_out.ids.empty() ? std::span<const std::string>() : std::span(held_out.ids).subspan(i, 1);
    for (std::size_t m = 0; m < members_.size(); ++m) {
      const Prediction prediction = std::move(members_[m].detector->predict({&image, 1}, ids).front());
      collect(prediction.map, map_values[m]);
      scores[m].push_back(prediction.score);
    }
    progress.advance(1);
  }
  const Normalisation normalisation = parse_normalisation(options_.normalisation);
  scales_.clear();
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const std::string& label = members_[m].label;
    scales_.push_back(
        {ValueScale::learn(normalisation, std::move(map_values[m]), fmt::format("the maps of '{}'", label)),
         ValueScale::learn(normalisation, std::move(scores[m]), fmt::format("the scores of '{}'", label))});
  }
}

std::vector<Prediction> Ensemble::predict(std::span<const imaging::Image> images,
                                          std::span<const std::string> ids) const {
  NORMADD_CHECK(scales_.size() == members_.size(), "the ensemble was neither fitted nor loaded");
  std::vector<Prediction> combined(images.size());
  for (std::size_t m = 0; m < members_.size(); ++m) {
    auto predictions = members_[m].detector->predict(images, ids);
    for (std::size_t i = 0; i < images.size(); ++i) {
      Prediction& prediction = predictions[i];
      for (float& value : prediction.map.values) value = static_cast<float>(weights_[m] * scales_[m].map(value));
      const double score = weights_[m] * scales_[m].score(prediction.score);
      if (m == 0) {
        combined[i] = {std::move(prediction.map), prediction.geometry, score};
        continue;
      }
      const imaging::Map map = imaging::map_in_crop(prediction.map, prediction.geometry, combined[i].geometry, 0.0f);
      std::transform(map.values.begin(), map.values.end(), combined[i].map.values.begin(),
                     combined[i].map.values.begin(), std::plus<>());
      combined[i].score += score;
    }
  }
  return combined;
}

MemoryEstimate Ensemble::memory_estimate(std::size_t num_train, imaging::Size image) const {
  // Members are fitted one after the other, while what the earlier ones learnt stays.
  MemoryEstimate sum;
  std::uint64_t largest_fit = 0;
  for (const auto& member : members_) {
    const MemoryEstimate estimate = member.detector->memory_estimate(num_train, image);
    largest_fit = std::max(largest_fit, estimate.fit_bytes);
    sum.predict_bytes += estimate.predict_bytes;
    sum.breakdown += fmt::format("{}{}: {}", sum.breakdown.empty() ? "" : "; ", member.label, estimate.breakdown);
  }
  sum.fit_bytes = largest_fit + sum.predict_bytes;
  return sum;
}

nlohmann::ordered_json Ensemble::identity() const {
  nlohmann::ordered_json detector{{"name", options_.name},
                                  {"normalisation", options_.normalisation},
                                  {"calibration_share", options_.calibration_share},
                                  {"weights", weights_}};
  for (const auto& member : members_) {
    detector["members"][member.label] = nlohmann::ordered_json::parse(member.detector->settings());
  }
  return {{"detector", std::move(detector)}};
}

std::string Ensemble::settings() const { return settings_text(identity()); }

std::string Ensemble::input_hash(std::span<const std::string> ids) const {
  std::string text;
  for (const auto& member : members_) text += member.detector->input_hash(ids);
  return text.empty() ? "" : core::xxh128_hex(text);
}

void Ensemble::save(const fs::path& path, const Notes& notes) const {
  NORMADD_CHECK(scales_.size() == members_.size(), "the ensemble was neither fitted nor loaded");
  Notes metadata = saved_header(notes, identity(), kFileFormat);
  networks::TensorMap tensors;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const std::string& label = members_[m].label;
    const auto file = member_file(path, label);
    members_[m].detector->save(file, notes);
    metadata[kChecksumNote + label] = core::xxh128_hex_of_file(file);
    tensors[label + ".map_scale"] = scales_[m].map.knots();
    tensors[label + ".score_scale"] = scales_[m].score.knots();
  }
  networks::write_safetensors(path, tensors, metadata);
}

void Ensemble::load(const fs::path& path) {
  const auto saved = networks::SafetensorsFile::open(path);
  const auto note = [&](const std::string& name) {
    const auto found = saved.metadata().find(name);
    return found == saved.metadata().end() ? std::string() : found->second;
  };
  require_saved(saved, identity(), kFileFormat);
  std::vector<Scales> scales;
  for (auto& member : members_) {
    const auto file = member_file(path, member.label);
    if (!fs::is_regular_file(file)) {
      throw core::WeightsError(fmt::format("the ensemble's member '{}' is missing", member.label), file.string(),
                               "Keep the folder of members beside the ensemble's file.");
    }
    if (core::xxh128_hex_of_file(file) != note(kChecksumNote + member.label)) {
      throw core::WeightsError(
          fmt::format("the member '{}' is not the one that the ensemble was saved with", member.label), file.string(),
          "Restore the folder of members, or fit the ensemble again.");
    }
    const auto scale = [&](const char* what) {
      const std::string name = member.label + what;
      return ValueScale::from_knots(saved.tensor(name), name, path.string());
    };
    scales.push_back({scale(".map_scale"), scale(".score_scale")});
    member.detector->load(file);
  }
  scales_ = std::move(scales);
}

}  // namespace normadd::detectors
