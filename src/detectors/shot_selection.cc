// SPDX-License-Identifier: Apache-2.0
#include "detectors/shot_selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "config/compose.h"
#include "core/error.h"
#include "core/hashing.h"
#include "core/nearest_name.h"
#include "core/random.h"

namespace normadd::detectors {
namespace {

using ShotList = std::map<std::string, std::vector<std::string>>;

[[noreturn]] void refuse(const std::string& what, const std::string& file, const config::Value& at) {
  throw core::DataError(what, fmt::format("{}:{}", file, at.source.line),
                        "A shot list is a YAML map, CATEGORY: [image id, ...], with ids as in scores.csv.");
}

ShotList read_list(const std::string& file) {
  const config::Value root = config::read_yaml(file);
  if (!root.is_map() || root.as_map().empty()) refuse("the shot list names no category", file, root);
  ShotList list;
  for (const auto& [category, ids] : root.as_map()) {
    if (!ids.is_list() || ids.as_list().empty()) {
      refuse(fmt::format("the shot list has no list of images for '{}'", category), file, ids);
    }
    for (const auto& id : ids.as_list()) {
      if (!id.is_string()) refuse(fmt::format("the shot list of '{}' holds {}", category, kind_text(id)), file, id);
      list[category].push_back(id.as_string());
    }
  }
  return list;
}

std::vector<std::string> names_of(const ShotList& list) {
  std::vector<std::string> names;
  for (const auto& [category, ids] : list) names.push_back(category);
  return names;
}

}  // namespace

void ShotOptions::describe(config::Options& o) {
  o.field("shots", shots).help("training images to use; null = all, or all of the shot list").at_least(1);
  o.field("shot_seed", shot_seed).help("draw the shots by this seed; null = the first ones by name").at_least(0);
  o.field("shot_list", shot_list)
      .help("YAML file, CATEGORY: [image id, ...], that names the images to use; null = none");
}

ShotSelection::ShotSelection(const ShotOptions& options, std::string key) : options_(options), key_(std::move(key)) {
  if (options_.shot_seed && options_.shot_list) {
    throw core::ConfigError("shots are either drawn by a seed or named by a list", key_ + ".shot_seed",
                            fmt::format("Set {0}.shot_seed or {0}.shot_list to null.", key_));
  }
  if (options_.shot_seed && !options_.shots) {
    throw core::ConfigError("a seed for shots needs their number", key_ + ".shot_seed",
                            fmt::format("Set {0}.shots, or {0}.shot_seed to null.", key_));
  }
  if (options_.shot_list) {
    list_ = read_list(*options_.shot_list);
    list_hash_ = core::xxh128_hex_of_file(*options_.shot_list);
  }
}

std::vector<std::size_t> ShotSelection::listed(const ImageSource& train) const {
  const auto found = list_.find(train.category);
  if (found == list_.end()) {
    throw core::DataError(fmt::format("the shot list has no category '{}'", train.category), *options_.shot_list,
                          core::did_you_mean(train.category, names_of(list_)));
  }
  std::vector<std::size_t> positions;
  for (const auto& id : found->second) {
    const auto at = std::find(train.ids.begin(), train.ids.end(), id);
    if (at == train.ids.end()) {
      const auto nearest = core::nearest_name(id, train.ids);
      throw core::DataError(
          fmt::format("the shot list names '{}', which is no training image of '{}'", id, train.category),
          *options_.shot_list, nearest ? fmt::format("Did you mean '{}'?", *nearest) : "");
    }
    positions.push_back(static_cast<std::size_t>(at - train.ids.begin()));
  }
  return positions;
}

std::vector<std::size_t> ShotSelection::positions(const ImageSource& train) const {
  std::vector<std::size_t> positions;
  if (options_.shot_list) {
    positions = listed(train);
  } else {
    positions.resize(train.count);
    std::iota(positions.begin(), positions.end(), std::size_t{0});
    if (options_.shots && train.ids.size() == train.count) {
      std::ranges::stable_sort(positions, {}, [&](std::size_t i) -> const std::string& { return train.ids[i]; });
    }
  }
  if (!options_.shots) return positions;
  const auto wanted = static_cast<std::size_t>(*options_.shots);
  if (wanted > positions.size()) {
    throw core::DataError(fmt::format("{} shots{} are asked for, but {} {}", wanted,
                                      train.category.empty() ? "" : fmt::format(" of '{}'", train.category),
                                      options_.shot_list ? "its list names only" : "there are only", positions.size()),
                          options_.shot_list ? *options_.shot_list : key_ + ".shots",
                          fmt::format("Lower {}.shots.", key_));
  }
  if (options_.shot_seed) {
    // By category, so that equally named images of all categories are not drawn together.
    core::RandomStream random(static_cast<std::uint64_t>(*options_.shot_seed), "shots/" + train.category);
    for (std::size_t i = 0; i < wanted; ++i) {
      std::swap(positions[i], positions[i + random.index(positions.size() - i)]);
    }
  }
  positions.resize(wanted);
  return positions;
}

ImageSource ShotSelection::of(const ImageSource& train) const {
  const std::vector<std::size_t> chosen = positions(train);
  ImageSource source = train;
  source.count = chosen.size();
  source.read = [chosen, read = train.read](std::size_t i) { return read(chosen[i]); };
  if (train.ids.size() == train.count) {
    source.ids.clear();
    for (const std::size_t i : chosen) source.ids.push_back(train.ids[i]);
  }
  return source;
}

std::size_t ShotSelection::count(std::size_t num_train) const {
  std::size_t most = num_train;
  if (options_.shot_list) {
    most = 0;
    for (const auto& [category, ids] : list_) most = std::max(most, ids.size());
  }
  return options_.shots ? std::min(most, static_cast<std::size_t>(*options_.shots)) : most;
}

nlohmann::ordered_json ShotSelection::identity() const {
  nlohmann::ordered_json json = {{"shots", nullptr}, {"shot_seed", nullptr}, {"shot_list_xxh128", nullptr}};
  if (options_.shots) json["shots"] = *options_.shots;
  if (options_.shot_seed) json["shot_seed"] = *options_.shot_seed;
  if (options_.shot_list) json["shot_list_xxh128"] = list_hash_;
  return json;
}

}  // namespace normadd::detectors
