// SPDX-License-Identifier: Apache-2.0
// Values as JSON on one line, without loss: order, kinds (1.0 stays a float) and numbers that JSON lacks, which become
// {"$float": "inf"}. What is written here is read back the same.
#pragma once

#include <string>

#include "config/value.h"

namespace normadd::config {

std::string json_text(const Value& value);

/// Throws ConfigError for text that is not JSON, or an integer beyond 64 bits.
Value value_of_json(const std::string& text);

}  // namespace normadd::config
