// SPDX-License-Identifier: Apache-2.0
// Expansion of nested defaults lists into the flat, ordered list of config files that make up a configuration.
// Source: Hydra 1.3, hydra/_internal/defaults_list.py. Later files win. A list is expanded from its end, so that an
// override in a later entry (experiment: x) reaches the entries before it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/config_files.h"
#include "config/defaults_tree.h"
#include "config/override_grammar.h"

namespace normadd::config {

/// A file and the dotted package that its content belongs to ("" is the top).
struct PlacedFile {
  const ConfigFile* file = nullptr;
  std::string package;
};

class DefaultsExpansion {
 public:
  explicit DefaultsExpansion(ConfigFiles& files) : files_(files) {}

  /// Takes "group=option", "+group=option", "group@package=option", "~group". Throws ConfigError for other forms.
  void add_group_override(const Override& override);

  /// Throws ConfigError for unknown groups and options, cycles, and overrides that match nothing.
  std::vector<PlacedFile> expand(const std::string& config_name);

  /// Group (with "@package" where it is not the usual one) and option, in the order of the final list. After expand().
  const std::vector<std::pair<std::string, std::string>>& choices() const { return choices_; }

  /// Every entry with what it draws in, from the main config down. After expand().
  const DefaultsTree& tree() const { return tree_; }

 private:
  struct Choice {
    std::vector<std::string> options;
    bool is_list = false;
    std::string text;  // as written, for messages
    Source source;
    bool is_used = false;
  };
  /// An entry and where its list stands: the folder and the package that it is relative to.
  struct Node {
    DefaultsEntry entry;
    std::string base_group;
    std::string base_package;
    std::string config_path() const;
    std::string group_path() const;
    std::string override_key() const;
    std::string package(const std::optional<std::string>& header) const;
  };

  std::vector<PlacedFile> expand_node(const Node& node, bool is_root, bool is_deferred);
  std::vector<PlacedFile> expand_children(const Node& parent, const ConfigFile& file, bool is_root, bool is_deferred);
  std::vector<PlacedFile> expand_group(Node child, std::size_t position, bool is_deferred);
  std::vector<PlacedFile> expand_and_note(const Node& node, std::size_t position, bool is_root, bool is_deferred);
  bool is_deleted(const Node& node);
  void note_choice(const Node& node);
  std::string with_choices(const std::string& text, const Source& source) const;
  [[noreturn]] void fail_not_found(const Node& node) const;
  void check_all_used() const;

  ConfigFiles& files_;
  std::map<std::string, Choice> overrides_;
  std::map<std::string, Choice> deletions_;
  std::vector<DefaultsEntry> appended_;
  std::vector<std::pair<std::string, std::string>> choices_;
  DefaultsTree tree_;
  /// For each open file its children so far, with their places in its list: expansion finds them out of order.
  std::vector<std::vector<std::pair<std::size_t, DefaultsTree>>> open_children_;
  std::vector<std::string> open_files_;  // from the root to the file being expanded
};

}  // namespace normadd::config
