// SPDX-License-Identifier: Apache-2.0
// Numbers as text that any reader gives back unchanged.
#pragma once

#include <string>

namespace normadd::core {

/// Shortest digits that read back as the same double; "nan", "inf", "-inf" for the rest. For CSV and JSON.
std::string shortest_text(double value);

/// As shortest_text, but always with a dot, and with dot and signed exponent ("1.0e-03"): a float for every YAML
/// reader.
std::string yaml_float_text(double value);

}  // namespace normadd::core
