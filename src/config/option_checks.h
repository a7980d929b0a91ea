// SPDX-License-Identifier: Apache-2.0
// The checks of a config node against its fields, and the sentences that they fail with.
#pragma once

#include <string>
#include <vector>

#include "config/options.h"
#include "config/value.h"

namespace normadd::config {

/// ConfigError unless node is a map (or null) whose keys are all field names.
void check_keys(const Value& node, const std::vector<Field>& fields, const std::string& path);

/// ConfigError when a required field is absent or any field is "???". value may be nullptr.
void check_given(const Field& field, const Value* value, const Value& node, const std::string& path);

[[noreturn]] void fail_wrong_kind(const Field& field, const Value& value, const std::string& path);

/// ConfigError when a value of the right kind is out of range or not among the choices.
void check_value(const Field& field, const Value& value, const std::string& path);

/// Everything that read_options checks, where only the fields are at hand and not the struct that they came from.
void check_node(const Value& node, const std::vector<Field>& fields, const std::string& path);

}  // namespace normadd::config
