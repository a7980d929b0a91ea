// SPDX-License-Identifier: Apache-2.0
// A short name for a value: equal values, equal names.
#pragma once

#include <string>

#include "config/value.h"

namespace normadd::config {

/// 32 lower-case hex characters of kinds and contents, map entries in their order; where values were written does not
/// matter. Takes microseconds, unlike a hash of to_yaml().
std::string fingerprint(const Value& value);

}  // namespace normadd::config
