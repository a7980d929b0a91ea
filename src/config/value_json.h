// SPDX-License-Identifier: Apache-2.0
// A config tree as one line of JSON and back, without loss: floats stay floats (1.0, infinities, NaN), the order of map
// entries and every byte of strings are kept. For files of our own; people read YAML (compose.h).
#pragma once

#include <string>

#include "config/value.h"

namespace normadd::config {

/// Without line end. What JSON lacks is a map with one key that begins with '$': {"$float": "nan"}, {"$bytes": "ff00"}
/// (strings that are no UTF-8); the user's own keys that begin with '$' get a second one. Where values were written is
/// not kept.
std::string to_json_line(const Value& value);

/// Throws ConfigError naming where when the text is not what to_json_line writes.
Value from_json_line(const std::string& text, const std::string& where);

}  // namespace normadd::config
