// SPDX-License-Identifier: Apache-2.0
// Merging of config trees: maps merge key by key, everything else is replaced.
#pragma once

#include <string>

#include "config/value.h"

namespace normadd::config {

/// Whether a string holds an interpolation, so that its kind is known only after resolving.
bool has_interpolation(const Value& value);

/// Merges changes over base. path is the dotted key of base, for errors.
/// Throws ConfigError when a map meets a value that is none (null, "???" and interpolations fit everything).
void merge_into(Value& base, const Value& changes, const std::string& path);

/// ConfigError as above for one node, with a hint of the caller's.
void check_same_kind(const Value& base, const Value& changes, const std::string& path, const std::string& hint);

}  // namespace normadd::config
