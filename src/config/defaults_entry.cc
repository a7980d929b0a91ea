// SPDX-License-Identifier: Apache-2.0
#include "config/defaults_entry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sstream>

#include "core/error.h"

namespace normadd::config {
namespace {

constexpr const char* kForms =
    "Entries look like: _self_, name, group: option, group: [a, b], group: null, override group: option.";

[[noreturn]] void fail(const Source& source, const std::string& what, const std::string& hint = kForms) {
  throw core::ConfigError(what, source_text(source), hint);
}

/// Takes the words before the path ("optional", "override") and the package after it off a key.
void parse_head(const std::string& head, DefaultsEntry& entry) {
  std::istringstream words(head);
  std::vector<std::string> parts;
  for (std::string word; words >> word;) parts.push_back(word);
  if (parts.empty()) fail(entry.source, "an entry of the defaults list is empty");
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (parts[i] == "optional") {
      entry.is_optional = true;
    } else if (parts[i] == "override") {
      entry.is_override = true;
    } else {
      fail(entry.source, fmt::format("the defaults list has the unknown keyword '{}'", parts[i]));
    }
  }
  entry.path = parts.back();
  if (const auto at = entry.path.find('@'); at != std::string::npos) {
    entry.package = package_of(entry.path.substr(at + 1), entry.source);
    entry.path.resize(at);
  }
  check_config_name(entry.path.starts_with('/') ? entry.path.substr(1) : entry.path, entry.source);
}

DefaultsEntry parse_entry(const Value& node) {
  DefaultsEntry entry;
  entry.source = node.source;
  if (node.is_string()) {
    parse_head(node.as_string(), entry);
    if (entry.is_override)
      fail(entry.source, fmt::format("'override' needs a group and an option, not '{}'", entry.path));
    if (entry.path == "_self_") {
      if (entry.package) fail(entry.source, "_self_ cannot have a package");
      entry.kind = DefaultsEntry::Kind::kSelf;
    }
    return entry;
  }
  if (!node.is_map() || node.as_map().size() != 1) {
    fail(entry.source,
         fmt::format("an entry of the defaults list must be a name or one 'group: option', not {}", short_text(node)));
  }
  const auto& [head, value] = node.as_map().front();
  entry.kind = DefaultsEntry::Kind::kGroup;
  parse_head(head, entry);
  if (value.is_list()) {
    entry.is_list = true;
    for (const Value& item : value.as_list()) entry.options.push_back(option_name(item, entry.path));
  } else if (!value.is_null()) {
    entry.options.push_back(option_name(value, entry.path));
  }
  return entry;
}

}  // namespace

std::string DefaultsEntry::text() const {
  const std::string head = path + (package ? "@" + *package : "");
  if (kind != Kind::kGroup) return head;
  if (is_list) return fmt::format("{}: [{}]", head, fmt::join(options, ", "));
  return fmt::format("{}: {}", head, options.empty() ? "null" : options.front());
}

std::vector<DefaultsEntry> parse_defaults(const Value& node) {
  if (!node.is_list()) fail(node.source, fmt::format("'defaults' must be a list, but is {}", short_text(node)));
  std::vector<DefaultsEntry> entries;
  bool has_self = false;
  bool has_override = false;
  for (const Value& item : node.as_list()) {
    entries.push_back(parse_entry(item));
    const DefaultsEntry& entry = entries.back();
    if (entry.kind == DefaultsEntry::Kind::kSelf) {
      if (has_self) fail(entry.source, "_self_ stands twice in the defaults list", "Keep one of the two.");
      has_self = true;
    } else if (entry.is_override) {
      has_override = true;
    } else if (has_override) {
      fail(entry.source, fmt::format("'{}' stands after an override", entry.text()),
           "Move overrides to the end of the list.");
    }
  }
  return entries;
}

std::string option_name(const Value& value, const std::string& group) {
  std::string name;
  if (value.is_string()) {
    name = value.as_string();
  } else if (value.is_integer()) {
    name = std::to_string(value.as_integer());
  } else {
    fail(value.source, fmt::format("the option of '{}' must be a name, but is {}", group, short_text(value)));
  }
  if (name != "???" && name.find("${") == std::string::npos) check_config_name(name, value.source);
  return name;
}

void check_config_name(const std::string& name, const Source& source) {
  bool is_plain = !name.empty() && name.find('\\') == std::string::npos;
  std::istringstream parts(name + "/");
  for (std::string part; std::getline(parts, part, '/');)
    is_plain = is_plain && !part.empty() && part != "." && part != "..";
  if (!is_plain) {
    fail(source, fmt::format("'{}' is not a config name", name),
         "Names are relative, with '/' between parts and without '..'.");
  }
  if (name.ends_with(".yaml") || name.ends_with(".yml")) {
    fail(source, fmt::format("the config name '{}' has a file ending", name),
         "Leave the ending away; only .yaml files are read.");
  }
}

std::string package_of(const std::string& text, const Source& source) {
  if (text == "_here_") return "";
  const bool is_withdrawn = text.find("_group_") != std::string::npos || text.find("_name_") != std::string::npos;
  const bool is_malformed = text.empty() || text.find_first_of("/\\ :${}") != std::string::npos ||
                            text.front() == '.' || text.back() == '.' || text.find("..") != std::string::npos;
  if (is_withdrawn || is_malformed) {
    fail(source, fmt::format("'{}' is not a package", text),
         "A package is _global_, _here_ or a dotted path such as a.b.");
  }
  return text;
}

}  // namespace normadd::config
