// SPDX-License-Identifier: Apache-2.0
#include "normadd/dataset_choice.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/compose.h"
#include "config/override_grammar.h"
#include "core/error.h"
#include "core/nearest_name.h"
#include "datasets/layout_guess.h"
#include "normadd/home.h"

namespace normadd::tools {
namespace {

bool overrides_key(const std::vector<std::string>& overrides, const std::string& key) {
  return std::any_of(overrides.begin(), overrides.end(),
                     [&](const std::string& text) { return config::parse_override(text).key == key; });
}

bool chooses_dataset(const std::vector<std::string>& overrides) {
  return std::any_of(overrides.begin(), overrides.end(), [](const std::string& text) {
    const auto override = config::parse_override(text);
    return override.key == "dataset" && override.elements.size() == 1 && override.elements[0].is_value() &&
           override.elements[0].value().is_string();
  });
}

/// The dataset node with everything but root, categories and what a guess knows.
config::Value composed_node(const DatasetRequest& request, const std::optional<std::string>& layout) {
  config::ComposeRequest compose;
  compose.search_paths = request.config_folders;
  compose.search_paths.push_back(home() / "configs");
  compose.overrides = request.overrides;
  if (layout) compose.overrides.push_back("dataset=" + *layout);
  const config::Value config = config::resolve(config::compose(compose).config);
  const config::Value* node = config.find("dataset");
  if (node == nullptr || !node->is_map()) {
    throw core::ConfigError("the configuration has no dataset", "dataset", "Choose one, e.g. dataset=visa.");
  }
  return *node;
}

std::string text_of(const config::Value& node, const char* key) {
  const config::Value* value = node.find(key);
  return value != nullptr && value->is_string() ? value->as_string() : "";
}

}  // namespace

bool is_dataset_override(const std::string& argument) {
  const std::string name = argument.substr(std::min(argument.find_first_not_of("+~"), argument.size()));
  return name == "dataset" || name.starts_with("dataset=") || name.starts_with("dataset.");
}

ChosenDataset choose_dataset(const DatasetRequest& request) {
  const bool is_chosen = chooses_dataset(request.overrides);
  if (request.layout) {
    const auto& names = datasets::layout_names();
    if (std::find(names.begin(), names.end(), *request.layout) == names.end()) {
      throw core::ConfigError(fmt::format("unknown layout '{}'", *request.layout), "--layout",
                              core::did_you_mean(*request.layout, names));
    }
    if (is_chosen) {
      throw core::ConfigError("the layout is named twice", "--layout", "Give either --layout or dataset=NAME.");
    }
  }
  if (!request.root && !request.layout && request.overrides.empty()) {
    throw core::ConfigError("no dataset folder given", "",
                            "Name it, or say dataset=NAME dataset.root=FOLDER as for 'normadd run'.");
  }
  std::optional<datasets::LayoutGuess> guess;
  if (request.root) guess = datasets::guess_layout(*request.root);
  ChosenDataset chosen;
  std::optional<std::string> layout = request.layout;
  if (!layout && !is_chosen && request.root) {
    chosen.guessed = true;
    if (!guess) guess = datasets::require_layout(*request.root);
    layout = guess->layout;
  }
  chosen.node = composed_node(request, layout);
  chosen.layout = text_of(chosen.node, "reader");
  if (request.root) {
    const bool fits = guess && guess->layout == chosen.layout;
    chosen.node.set("root", fits ? guess->root.string() : *request.root);
    if (fits) {
      for (const auto& [key, value] : guess->options) {
        if (!overrides_key(request.overrides, "dataset." + key)) chosen.node.set(key, value);
      }
    }
  }
  if (!request.categories.empty()) {
    chosen.node.set("categories", config::List(request.categories.begin(), request.categories.end()));
  }
  if (const auto root = text_of(chosen.node, "root"); root == "~" || root.starts_with("~/")) {
    throw core::ConfigError(fmt::format("'{}' is not expanded after '='", root), "dataset.root",
                            fmt::format("Write dataset.root=$HOME{}", root.substr(1)));
  }
  return chosen;
}

void with_guess_explained(const ChosenDataset& chosen, const std::function<void()>& use) {
  try {
    use();
  } catch (const core::DataError& error) {
    if (!chosen.guessed) throw;
    throw core::DataError(error.message(), error.where(),
                          fmt::format("{}{}(The layout was guessed to be '{}'; --layout names another.)", error.hint(),
                                      error.hint().empty() ? "" : " ", chosen.layout));
  }
}

}  // namespace normadd::tools
