// SPDX-License-Identifier: Apache-2.0
// Values as the right-hand side of an override: what parse_value_text reads back as the same value.
#pragma once

#include <string>

#include "config/value.h"

namespace normadd::config {

/// 0.5, 1.0, null, padim, 'a, b', [1,2], {a:1}: unquoted wherever that keeps kind and content.
std::string override_text(const Value& value);

}  // namespace normadd::config
