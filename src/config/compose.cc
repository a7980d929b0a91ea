// SPDX-License-Identifier: Apache-2.0
#include "config/compose.h"

#include <fmt/format.h>

#include <iterator>

#include "config/apply_override.h"
#include "config/config_files.h"
#include "config/defaults_expansion.h"
#include "config/group_override.h"
#include "config/merge.h"
#include "config/override_grammar.h"

namespace normadd::config {
namespace {

/// content inside nested maps that stand for the package "a.b".
Value at_package(const Value& content, const std::string& package) {
  Value wrapped = content;
  const auto parts = split_path(package);
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    Value outer{MapEntries{}};
    outer.source = content.source;
    outer.set(*part, std::move(wrapped));
    wrapped = std::move(outer);
  }
  return wrapped;
}

}  // namespace

ComposedConfig compose(const ComposeRequest& request) {
  ConfigFiles files(request.search_paths);
  DefaultsExpansion expansion(files);
  std::vector<Override> key_overrides;
  for (const auto& text : request.overrides) {
    Override override = parse_override(text);
    if (chooses_group(override, files)) {
      expansion.add_group_override(override);
    } else {
      key_overrides.push_back(std::move(override));
    }
  }
  ComposedConfig composed;
  composed.config = MapEntries{};
  composed.overrides = request.overrides;
  for (const auto& [file, package] : expansion.expand(request.config_name)) {
    merge_into(composed.config, at_package(file->content, package), "");
  }
  for (const auto& override : key_overrides) apply_override(composed.config, override, files);
  composed.choices = expansion.choices();
  return composed;
}

}  // namespace normadd::config
