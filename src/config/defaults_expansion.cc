// SPDX-License-Identifier: Apache-2.0
#include "config/defaults_expansion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::config {
namespace {

const Source kCommandLine{"command line", 0};

std::string without_slash(const std::string& path) { return path.starts_with('/') ? path.substr(1) : path; }

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string joined(const std::string& a, const std::string& b, char separator) {
  if (a.empty() || b.empty()) return a + b;
  return a + separator + b;
}

std::string dotted(std::string group) {
  std::replace(group.begin(), group.end(), '/', '.');
  return group;
}

bool has_interpolation_in(const DefaultsEntry& entry) {
  if (entry.path.find("${") != std::string::npos) return true;
  return std::any_of(entry.options.begin(), entry.options.end(),
                     [](const std::string& option) { return option.find("${") != std::string::npos; });
}

void prepend(std::vector<PlacedFile>& list, std::vector<PlacedFile> front) {
  list.insert(list.begin(), front.begin(), front.end());
}

}  // namespace

std::string DefaultsExpansion::Node::group_path() const {
  const std::string own =
      entry.kind == DefaultsEntry::Kind::kGroup ? without_slash(entry.path) : parent_of(without_slash(entry.path));
  return entry.path.starts_with('/') ? own : joined(base_group, own, '/');
}

std::string DefaultsExpansion::Node::config_path() const {
  if (entry.kind == DefaultsEntry::Kind::kGroup) return group_path() + "/" + entry.options.at(0);
  return entry.path.starts_with('/') ? without_slash(entry.path) : joined(base_group, entry.path, '/');
}

std::string DefaultsExpansion::Node::package(const std::optional<std::string>& header) const {
  std::string own;
  if (entry.package) {
    own = *entry.package;
  } else if (header) {
    own = *header;
  } else {
    std::string relative = without_slash(entry.path);
    if (entry.kind == DefaultsEntry::Kind::kGroup && !entry.options.empty()) relative += "/" + entry.options.front();
    own = dotted(entry.kind == DefaultsEntry::Kind::kGroup && entry.options.empty() ? relative : parent_of(relative));
  }
  const std::string full = joined(base_package, own, '.');
  const auto global = full.rfind("_global_");
  if (global == std::string::npos) return full;
  const std::string below = full.substr(global + 8);
  return below.starts_with('.') ? below.substr(1) : below;
}

std::string DefaultsExpansion::Node::override_key() const {
  Node plain = *this;
  plain.entry.options.clear();
  const std::string usual = dotted(group_path());
  const std::string actual = plain.package(std::nullopt);
  if (usual == actual) return group_path();
  return group_path() + "@" + (actual.empty() ? "_global_" : actual);
}

void DefaultsExpansion::add_group_override(const Override& override) {
  const std::string key = override.key + (override.package ? "@" + *override.package : "");
  Choice choice;
  choice.text = override.text;
  choice.source = kCommandLine;
  if (override.package) package_of(*override.package, kCommandLine);
  if (!override.elements.empty()) {
    const Value& value = override.value();
    choice.is_list = value.is_list();
    if (value.is_list()) {
      for (const Value& item : value.as_list()) choice.options.push_back(option_name(item, override.key));
    } else if (!value.is_null()) {
      choice.options.push_back(option_name(value, override.key));
    }
  }
  switch (override.kind) {
    case OverrideKind::kChange:
      overrides_[key] = std::move(choice);
      return;
    case OverrideKind::kDelete:
      deletions_[key] = std::move(choice);
      return;
    case OverrideKind::kAdd: {
      DefaultsEntry entry;
      entry.kind = DefaultsEntry::Kind::kGroup;
      entry.path = override.key;
      if (override.package) entry.package = package_of(*override.package, kCommandLine);
      entry.options = choice.options;
      entry.is_list = choice.is_list;
      entry.source = kCommandLine;
      appended_.push_back(std::move(entry));
      return;
    }
    case OverrideKind::kAddOrChange:
    case OverrideKind::kAppend:
      break;
  }
  throw core::ConfigError(fmt::format("'{}' is not possible: '{}' is a config group", override.text, override.key),
                          "command line",
                          fmt::format("Choose an option with {0}=OPTION, or add the group with +{0}=OPTION.", key));
}

std::vector<PlacedFile> DefaultsExpansion::expand(const std::string& config_name) {
  check_config_name(config_name, kCommandLine);
  Node root;
  root.entry.path = config_name;
  root.entry.source = kCommandLine;
  if (files_.load(config_name) == nullptr) {
    throw core::ConfigError(fmt::format("there is no config '{}'", config_name), files_.search_path_text(),
                            core::did_you_mean(config_name, files_.options("")));
  }
  open_children_.assign(1, {});
  std::vector<PlacedFile> list = expand_and_note(root, 0, true, false);
  tree_ = std::move(open_children_.front().front().second);
  // Lists are expanded from their ends.
  std::reverse(choices_.begin(), choices_.end());
  check_all_used();
  return list;
}

bool DefaultsExpansion::is_deleted(const Node& node) {
  if (node.entry.kind != DefaultsEntry::Kind::kGroup) return false;
  const auto found = deletions_.find(node.override_key());
  if (found == deletions_.end()) return false;
  if (!found->second.options.empty() && found->second.options != node.entry.options) return false;
  found->second.is_used = true;
  return true;
}

void DefaultsExpansion::note_choice(const Node& node) {
  if (node.entry.kind != DefaultsEntry::Kind::kGroup) return;
  const std::string key = node.override_key();
  const auto same = [&](const auto& choice) { return choice.first == key; };
  const std::string option = node.entry.is_list ? fmt::format("[{}]", fmt::join(node.entry.options, ","))
                                                : (node.entry.options.empty() ? "null" : node.entry.options.front());
  if (const auto earlier = std::find_if(choices_.begin(), choices_.end(), same); earlier != choices_.end()) {
    const bool from_command_line = node.entry.source.file == kCommandLine.file || !appended_.empty();
    throw core::ConfigError(
        fmt::format("the group '{}' stands twice in the defaults list: '{}' and '{}'", key, option, earlier->second),
        source_text(node.entry.source),
        from_command_line
            ? fmt::format("To change an option that is there already, leave the '+' away: {}={}", key, earlier->second)
            : fmt::format("To change an option from another file, write 'override /{}: {}'.", key, earlier->second));
  }
  choices_.emplace_back(key, option);
}

std::vector<PlacedFile> DefaultsExpansion::expand_node(const Node& node, bool is_root, bool is_deferred) {
  if (node.entry.kind == DefaultsEntry::Kind::kGroup && node.entry.options.empty()) return {};
  const std::string path = node.config_path();
  if (path.ends_with("???")) {
    const std::string key = node.override_key();
    throw core::ConfigError(fmt::format("the group '{}' needs a choice", key), source_text(node.entry.source),
                            fmt::format("Give it on the command line: {}=OPTION, with one of: {}.", key,
                                        fmt::join(files_.options(node.group_path()), ", ")));
  }
  const ConfigFile* file = files_.load(path);
  if (file == nullptr) {
    if (node.entry.is_optional) return {};
    fail_not_found(node);
  }
  if (std::find(open_files_.begin(), open_files_.end(), path) != open_files_.end()) {
    throw core::ConfigError(
        fmt::format("defaults lists include each other in a circle: {} -> {}", fmt::join(open_files_, " -> "), path),
        source_text(node.entry.source), "Remove one of these entries.");
  }
  open_files_.push_back(path);
  auto list = expand_children(node, *file, is_root, is_deferred);
  open_files_.pop_back();
  return list;
}

std::vector<PlacedFile> DefaultsExpansion::expand_children(const Node& parent, const ConfigFile& file, bool is_root,
                                                           bool is_deferred) {
  std::vector<DefaultsEntry> entries = file.defaults;
  const bool has_self = std::any_of(entries.begin(), entries.end(),
                                    [](const auto& entry) { return entry.kind == DefaultsEntry::Kind::kSelf; });
  if (!has_self) {
    // Before overrides or after them makes no difference: those add no file of their own.
    DefaultsEntry self;
    self.kind = DefaultsEntry::Kind::kSelf;
    entries.push_back(self);
  }
  if (is_root) entries.insert(entries.end(), appended_.begin(), appended_.end());

  const std::string package = parent.package(file.package_header);
  std::string group = parent_of(parent.config_path());
  const auto child_of = [&](const DefaultsEntry& entry) { return Node{entry, group, package}; };

  for (const auto& entry : entries) {
    if (!entry.is_override) continue;
    if (is_deferred) {
      throw core::ConfigError(
          fmt::format("'override {}' stands in a file that was chosen by an interpolation", entry.text()),
          source_text(entry.source), "Choose the file by name instead.");
    }
    Choice choice{entry.options, entry.is_list, "override " + entry.text(), entry.source, false};
    overrides_.emplace(child_of(entry).override_key(),
                       std::move(choice));  // an earlier one, as of the command line, stays
  }

  std::vector<PlacedFile> list;
  struct Deferred {
    Node child;
    std::size_t position;
    std::size_t num_following;  // files
  };
  std::vector<Deferred> deferred;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    const auto position = static_cast<std::size_t>(entries.rend() - entry);
    if (entry->kind == DefaultsEntry::Kind::kSelf) {
      prepend(list, {{&file, package}});
      open_children_.back().push_back({position, {"_self_", "", package, {}}});
    } else if (!entry->is_override) {
      Node child = child_of(*entry);
      if (child.entry.kind == DefaultsEntry::Kind::kGroup) {
        if (const auto found = overrides_.find(child.override_key()); found != overrides_.end()) {
          found->second.is_used = true;
          child.entry.options = found->second.options;
          child.entry.is_list = found->second.is_list;
          child.entry.source = found->second.source;
        }
      }
      if (has_interpolation_in(child.entry)) {
        deferred.push_back({std::move(child), position, list.size()});
      } else {
        prepend(list, expand_group(std::move(child), position, is_deferred));
      }
    }
  }
  // Inserting at the recorded distance from the end, the last entry first, keeps the distances of the others true.
  std::size_t num_inserted = 0;
  for (auto& [child, position, num_following] : deferred) {
    child.entry.path = with_choices(child.entry.path, child.entry.source);
    check_config_name(child.entry.path.starts_with('/') ? child.entry.path.substr(1) : child.entry.path,
                      child.entry.source);
    for (auto& option : child.entry.options) {
      option = with_choices(option, child.entry.source);
      if (option != "???") check_config_name(option, child.entry.source);
    }
    const auto files = expand_group(child, position, true);
    list.insert(list.end() - static_cast<std::ptrdiff_t>(num_following + num_inserted), files.begin(), files.end());
    num_inserted += files.size();
  }
  return list;
}

std::vector<PlacedFile> DefaultsExpansion::expand_group(Node child, std::size_t position, bool is_deferred) {
  if (is_deleted(child)) return {};
  note_choice(child);
  if (!child.entry.is_list) return expand_and_note(child, position, false, is_deferred);
  std::vector<PlacedFile> list;
  for (auto option = child.entry.options.rbegin(); option != child.entry.options.rend(); ++option) {
    Node single = child;
    single.entry.options = {*option};
    prepend(list, expand_and_note(single, position, false, is_deferred));
  }
  return list;
}

std::vector<PlacedFile> DefaultsExpansion::expand_and_note(const Node& node, std::size_t position, bool is_root,
                                                           bool is_deferred) {
  open_children_.emplace_back();
  auto list = expand_node(node, is_root, is_deferred);
  auto children = std::move(open_children_.back());
  open_children_.pop_back();
  // Found from the end of the list, those with interpolations last.
  std::reverse(children.begin(), children.end());
  std::stable_sort(children.begin(), children.end(), [](const auto& a, const auto& b) { return a.first < b.first; });

  DefaultsTree noted;
  const bool is_group = node.entry.kind == DefaultsEntry::Kind::kGroup;
  const bool has_option = !is_group || !node.entry.options.empty();
  noted.config_path = has_option ? node.config_path() : "";
  noted.text = noted.config_path;
  if (is_group && !node.entry.is_list) {
    noted.text = fmt::format("{}: {}", node.override_key(), has_option ? node.entry.options.front() : "null");
  }
  const ConfigFile* file = has_option ? files_.load(noted.config_path) : nullptr;
  noted.package = node.package(file != nullptr ? file->package_header : std::nullopt);
  // A file without a list of its own is a leaf: its "_self_" would say nothing.
  if (children.size() > 1 || (file != nullptr && !file->defaults.empty())) {
    for (auto& [place, child] : children) noted.children.push_back(std::move(child));
  }
  open_children_.back().emplace_back(position, std::move(noted));
  return list;
}

std::string DefaultsExpansion::with_choices(const std::string& text, const Source& source) const {
  std::string result = text;
  for (auto begin = result.find("${"); begin != std::string::npos; begin = result.find("${")) {
    const auto end = result.find('}', begin);
    const std::string name = result.substr(begin + 2, end == std::string::npos ? end : end - begin - 2);
    const auto found =
        std::find_if(choices_.begin(), choices_.end(), [&](const auto& choice) { return choice.first == name; });
    if (end == std::string::npos || found == choices_.end()) {
      std::vector<std::string> names;
      for (const auto& [group, option] : choices_) names.push_back(group);
      throw core::ConfigError(fmt::format("'{}' in the defaults list refers to no group of it", text),
                              source_text(source), core::did_you_mean(name, names));
    }
    result.replace(begin, end - begin + 1, found->second);
  }
  return result;
}

void DefaultsExpansion::fail_not_found(const Node& node) const {
  const auto where = source_text(node.entry.source);
  if (node.entry.kind != DefaultsEntry::Kind::kGroup) {
    throw core::ConfigError(fmt::format("there is no config '{}'", node.config_path()), where,
                            core::did_you_mean(node.entry.path, files_.options(node.base_group)));
  }
  const std::string group = node.group_path();
  if (!files_.has_group(group)) {
    throw core::ConfigError(fmt::format("there is no config group '{}'", group), where,
                            core::did_you_mean(group, files_.groups()));
  }
  throw core::ConfigError(fmt::format("the group '{}' has no option '{}'", group, node.entry.options.front()), where,
                          core::did_you_mean(node.entry.options.front(), files_.options(group)));
}

void DefaultsExpansion::check_all_used() const {
  std::vector<std::string> keys;
  for (const auto& [key, option] : choices_) keys.push_back(key);
  for (const auto& [key, choice] : overrides_) {
    if (choice.is_used) continue;
    const bool is_listed = std::find(keys.begin(), keys.end(), key) != keys.end();
    std::string hint = core::did_you_mean(key, keys);
    if (is_listed) {
      hint = "The entry stands after the file with the override; list that file later.";
    } else if (choice.source.file == kCommandLine.file) {
      hint = fmt::format("To add the group write +{}. {}", choice.text, hint);
    }
    throw core::ConfigError(
        fmt::format("'{}' changes the group '{}', which the defaults list does not have", choice.text, key),
        source_text(choice.source), hint);
  }
  for (const auto& [key, choice] : deletions_) {
    if (choice.is_used) continue;
    throw core::ConfigError(fmt::format("'{}' deletes nothing: the defaults list has no such entry", choice.text),
                            "command line", core::did_you_mean(key, keys));
  }
}

}  // namespace normadd::config
