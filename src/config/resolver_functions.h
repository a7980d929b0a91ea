// SPDX-License-Identifier: Apache-2.0
// The functions of interpolations: ${oc.env:VAR,default}, ${oc.select:key}, ${oc.decode:text}, ${now:%Y-%m-%d}, ...
// Source: OmegaConf 2.3 (docs/source/custom_resolvers.rst) and Hydra's "now".
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/value.h"

namespace normadd::config {

struct ResolverCall {
  std::string name;
  std::vector<Value> arguments;
  std::string raw_arguments;  // as written, for "now"
  std::string key;            // where the interpolation stands, for errors
  Source source;
  /// The resolved value at a key (relative when it begins with '.'); nothing when absent or "???".
  std::function<std::optional<Value>(const std::string&)> select;
};

/// Throws ConfigError for an unknown function, wrong arguments, an unset environment variable without default.
Value call_resolver(const ResolverCall& call);

/// Whether "now" and such need their text unparsed.
bool takes_raw_text(const std::string& name);

}  // namespace normadd::config
