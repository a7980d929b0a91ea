// SPDX-License-Identifier: Apache-2.0
// What an unquoted word means: null, boolean, number or string, in YAML files and on the command line.
// Source: YAML 1.1 implicit types with OmegaConf's widened float ("1e-3"), and Hydra's override grammar.
#pragma once

#include <optional>
#include <string>

#include "config/value.h"

namespace normadd::config {

struct PlainScalar {
  Value value;
  std::string advice;  // set when other readers, or people, may read it otherwise
};

/// An unquoted YAML scalar. yes/no/on/off are booleans, 012 is octal, 12:30 is 750: all three with advice.
/// Throws ConfigError at source for an integer beyond 64 bits.
PlainScalar read_plain_yaml(const std::string& text, const Source& source);

/// An unquoted command-line value: null, true and false in any case, INT and FLOAT of the override grammar, else a
/// string.
Value read_plain_override(const std::string& text);

/// Whether some YAML 1.1 or 1.2 reader would take the text, unquoted, for something other than this string.
bool reads_as_other_than_string(const std::string& text);

}  // namespace normadd::config
