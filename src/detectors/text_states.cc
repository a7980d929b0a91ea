// SPDX-License-Identifier: Apache-2.0
#include "detectors/text_states.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/compose.h"
#include "core/error.h"
#include "core/hashing.h"
#include "core/nearest_name.h"
#include "networks/dense_layers.h"

namespace normadd::detectors {
namespace {

constexpr const char* kFormat = "See data/prompts/README.md for the format.";

[[noreturn]] void fail(const std::string& what, const config::Value& at, const std::string& hint) {
  throw core::DataError(what, fmt::format("{}:{}", at.source.file, at.source.line), hint);
}

/// Non-empty texts with exactly one place for what goes into them.
std::vector<std::string> phrases(const config::Value& root, const std::string& key) {
  const config::Value* list = root.find(key);
  if (list == nullptr) fail(fmt::format("the key '{}' is missing", key), root, kFormat);
  if (!list->is_list() || list->as_list().empty()) {
    fail(fmt::format("'{}' is not a list of phrases", key), *list, "Write it as [\"a phrase with {}\", ...].");
  }
  std::vector<std::string> texts;
  for (const auto& item : list->as_list()) {
    if (!item.is_string()) fail("expected a phrase (text)", item, "Put it in quotes.");
    const std::string& text = item.as_string();
    const auto place = text.find("{}");
    if (place == std::string::npos || text.find_first_of("{}", place + 2) != std::string::npos ||
        text.find_first_of("{}") != place) {
      fail(fmt::format("the phrase '{}' does not have exactly one {{}}", text), item,
           "The product's name, or the state, goes there.");
    }
    texts.push_back(text);
  }
  return texts;
}

std::string filled(std::string phrase, const std::string& word) { return phrase.replace(phrase.find("{}"), 2, word); }

}  // namespace

std::vector<std::string> StateEnsemble::texts(const std::vector<std::string>& states, const std::string& noun) const {
  std::vector<std::string> texts;
  for (const auto& state : states) {
    for (const auto& sentence : templates) texts.push_back(filled(sentence, filled(state, noun)));
  }
  return texts;
}

StateEnsemble read_state_ensemble(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) {
    throw core::DataError("there is no such ensemble of texts", file.string(),
                          "Shipped ones are in data/prompts/detectors.");
  }
  const config::Value root = config::read_yaml(file);
  if (!root.is_map()) fail("the file is not an ensemble of texts", root, kFormat);
  const std::vector<std::string> keys{"name",      "author", "description", "class_name",
                                      "templates", "normal", "anomalous"};
  for (const auto& [key, value] : root.as_map()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    fail(fmt::format("unknown key '{}'", key), value, core::did_you_mean(key, keys));
  }
  StateEnsemble ensemble;
  ensemble.file = file;
  if (const auto* rule = root.find("class_name")) {
    const std::string name = rule->is_string() ? rule->as_string() : "";
    if (name != "as_is" && name != "spaces") {
      fail("class_name is neither as_is nor spaces", *rule, "as_is keeps metal_nut, spaces makes it metal nut.");
    }
    ensemble.spaces_in_names = name == "spaces";
  }
  ensemble.templates = phrases(root, "templates");
  ensemble.normal = phrases(root, "normal");
  ensemble.anomalous = phrases(root, "anomalous");
  return ensemble;
}

void TextStateOptions::describe(config::Options& o) {
  o.field("prompts", prompts).help("YAML file with the states and templates of the texts").required();
  o.field("class_name", class_name)
      .help("a category's name in texts: as_is keeps metal_nut, spaces makes it metal nut; null = as the file says")
      .one_of({"as_is", "spaces"});
  o.field("class_names", class_names).help("other names for single categories, CATEGORY: words");
  o.field("truncate_texts", truncate_texts).help("cut texts that are too long for the model instead of refusing them");
}

TextStates::TextStates(const TextStateOptions& options, std::string key)
    : ensemble_(read_state_ensemble(options.prompts)),
      spaces_(options.class_name ? *options.class_name == "spaces" : ensemble_.spaces_in_names),
      truncate_(options.truncate_texts),
      key_(std::move(key)) {
  for (const auto& [category, words] : options.class_names) {
    if (!words.is_string() || words.as_string().empty()) {
      throw core::ConfigError(fmt::format("the name of '{}' is not a text", category), key_ + ".class_names",
                              "Write it as CATEGORY: \"some words\".");
    }
    names_.emplace_back(category, words.as_string());
  }
}

std::string TextStates::noun(const std::string& category) const {
  for (const auto& [name, words] : names_) {
    if (name == category) return words;
  }
  if (category.empty()) {
    throw core::DataError("the texts need the product's name, and the training images come without a category",
                          ensemble_.file.string(), "Give the category when fitting.");
  }
  std::string noun = category;
  if (spaces_) std::replace(noun.begin(), noun.end(), '_', ' ');
  return noun;
}

at::Tensor TextStates::directions(const networks::Clip& clip, const std::string& category, TextMean mean) const {
  const auto direction = [&](const std::vector<std::string>& states) {
    at::Tensor rows = clip.encode_texts(ensemble_.texts(states, noun(category)), truncate_);
    if (mean == TextMean::kOfUnits) rows = networks::unit_length(rows);
    return networks::unit_length(rows.mean(0));
  };
  at::Tensor directions = at::stack({direction(ensemble_.normal), direction(ensemble_.anomalous)});
  if (!at::isfinite(directions).all().item<bool>()) {
    throw core::WeightsError("the text tower gives values that are not finite", key_ + ".clip",
                             "Its weights are damaged, or too large for their precision.");
  }
  return directions;
}

nlohmann::ordered_json TextStates::identity() const {
  nlohmann::ordered_json json = {{"ensemble_xxh128", core::xxh128_hex_of_file(ensemble_.file)},
                                 {"class_name", spaces_ ? "spaces" : "as_is"},
                                 {"truncate_texts", truncate_}};
  json["class_names"] = nlohmann::ordered_json::object();
  for (const auto& [category, words] : names_) json["class_names"][category] = words;
  return json;
}

}  // namespace normadd::detectors
