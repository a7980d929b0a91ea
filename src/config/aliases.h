// SPDX-License-Identifier: Apache-2.0
// Short names for keys that are typed often: a top-level section  aliases: {bs: run.batch_size}  makes bs=4 mean
// run.batch_size=4.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/value.h"

namespace normadd::config {

using Aliases = std::vector<std::pair<std::string, std::string>>;  // name -> key

/// Takes the section out of the configuration. Throws ConfigError for anything but a map of names to keys, for a name
/// that is a key itself, and for an alias of an alias.
Aliases take_aliases(Value& config);

/// The key that is meant; other keys as they are.
std::string meant_key(const std::string& key, const Aliases& aliases);

}  // namespace normadd::config
