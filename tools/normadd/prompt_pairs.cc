// SPDX-License-Identifier: Apache-2.0
#include "normadd/prompt_pairs.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/compose.h"
#include "config/override_grammar.h"
#include "core/error.h"
#include "datasets/normality_addition.h"
#include "experiment/dataset_readers.h"

namespace normadd::tools {
namespace {

using normality::PromptPair;

PromptPair pair_from(const std::string& text) {
  const std::size_t slash = text.find('/');
  const bool is_pair = slash != std::string::npos && slash > 0 && slash + 1 < text.size() &&
                       text.find('/', slash + 1) == std::string::npos &&
                       std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == '{' || c == '}'; });
  if (!is_pair) {
    throw core::ConfigError(fmt::format("'{}' is no pair", text), "--pairs",
                            "Write CATEGORY/TYPE,CATEGORY/TYPE, e.g. carpet/thread,carpet/hole.");
  }
  return {text.substr(0, slash), text.substr(slash + 1)};
}

std::vector<PromptPair> named_pairs(const std::vector<std::string>& texts) {
  std::vector<PromptPair> pairs;
  for (const auto& text : texts) {
    const PromptPair pair = pair_from(text);
    if (std::ranges::find(pairs, pair) != pairs.end()) {
      throw core::ConfigError(fmt::format("the pair '{}' is named twice", text), "--pairs", "Name each once.");
    }
    pairs.push_back(pair);
  }
  return pairs;
}

void check_overrides(const std::vector<std::string>& overrides) {
  for (const auto& text : overrides) {
    const std::string key = config::parse_override(text).key;
    if (key == "dataset" || key.rfind("dataset.", 0) == 0) continue;
    throw core::ConfigError(fmt::format("'{}' is nothing that this verb reads", text), "command line",
                            "Here only dataset=NAME and dataset.KEY=VALUE are of use; the rest are flags, see --help.");
  }
}

}  // namespace

std::vector<PromptPair> prompt_pairs(const std::vector<std::string>& named, const std::vector<std::string>& overrides,
                                     const std::vector<std::filesystem::path>& search_paths) {
  if (named.empty() == overrides.empty()) {
    throw core::ConfigError(
        named.empty() ? "it is not said which pairs the prompts are for" : "--pairs and a dataset are both given", "",
        "Give either --pairs carpet/thread,carpet/hole or dataset=mvtec_ad dataset.root=FOLDER.");
  }
  if (!named.empty()) return named_pairs(named);
  check_overrides(overrides);
  const config::Value resolved =
      config::resolve(config::compose({.search_paths = search_paths, .overrides = overrides}).config);
  const config::Value* node = resolved.find("dataset");
  if (node == nullptr) throw core::ConfigError("the configuration has no dataset", "dataset", "Give dataset=NAME.");
  const auto dataset = experiment::read_dataset(*node);
  std::vector<PromptPair> pairs;
  for (const auto& category : dataset.categories) {
    for (const auto& pair : datasets::pairs_of(category)) pairs.push_back({pair.category, pair.added});
  }
  if (pairs.empty()) {
    throw core::DataError("the dataset has no pair, since no category has two defect types", dataset.root.string(),
                          "See normadd data splits.");
  }
  return pairs;
}

}  // namespace normadd::tools
