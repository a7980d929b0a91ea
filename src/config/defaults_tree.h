// SPDX-License-Identifier: Apache-2.0
// A defaults list with everything that it draws in, for people who ask where a key comes from.
#pragma once

#include <string>
#include <vector>

#include "config/compose.h"

namespace normadd::config {

struct DefaultsTree {
  std::string text;                    // "config", "dataset: demo", "_self_"
  std::string config_path;             // "dataset/demo"; empty for "_self_" and for a group without an option
  std::string package;                 // dotted; empty at the top
  std::vector<DefaultsTree> children;  // in the order of the list; none for a file without a list of its own
};

/// What compose() would read, with the overrides of the request. Throws ConfigError as compose() does.
DefaultsTree defaults_tree(const ComposeRequest& request);

/// Indented lines below "<root>:", as Hydra prints them.
std::string tree_text(const DefaultsTree& tree);

/// One row per file in the order of merging: config path, package, whether its own keys stand at a "_self_", parent.
std::string list_text(const DefaultsTree& tree);

}  // namespace normadd::config
