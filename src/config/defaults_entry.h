// SPDX-License-Identifier: Apache-2.0
// One entry of a defaults list, as written in a config file.
// Source: Hydra 1.3, website/docs/advanced/defaults_list.md; `foo: bar/baz` equals `foo/bar: baz` as in 1.4.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/value.h"

namespace normadd::config {

struct DefaultsEntry {
  enum class Kind { kSelf, kConfig, kGroup };

  Kind kind = Kind::kConfig;
  std::string path;                    // kConfig: config name; kGroup: group. A leading '/' is kept.
  std::optional<std::string> package;  // after '@'; "" for _here_
  std::vector<std::string> options;    // kGroup: none for null, several for a list
  bool is_list = false;                // kGroup: written as a list
  bool is_optional = false;
  bool is_override = false;
  Source source;

  /// "group: option" as in the file, for messages.
  std::string text() const;
};

/// The entries of a "defaults" node. Throws ConfigError for anything else than the forms above.
std::vector<DefaultsEntry> parse_defaults(const Value& node);

/// The text of an option given as a scalar (options such as 50 are read as numbers). Throws ConfigError for other
/// kinds.
std::string option_name(const Value& value, const std::string& group);

/// Throws ConfigError unless name is a relative config path of plain parts: no "..", no backslash, no empty part.
void check_config_name(const std::string& name, const Source& source);

/// "@package" texts: "_here_" becomes "". Throws ConfigError for a malformed or withdrawn one.
std::string package_of(const std::string& text, const Source& source);

}  // namespace normadd::config
