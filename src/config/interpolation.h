// SPDX-License-Identifier: Apache-2.0
// Interpolations: ${a.b}, relative ${.x} and ${..x}, nested ${a.${b}}, functions ${name:arguments}, and text around
// them. Source: OmegaConf 2.3, docs/source/grammar.rst. A text that is one interpolation keeps the kind of its target;
// otherwise the parts are joined as Python prints them (True, None, 1.0), which is what names of existing runs rely on.
// A backslash before ${ keeps it as text.
#pragma once

#include <string>

#include "config/value.h"

namespace normadd::config {

/// A scalar as part of a longer text. Throws ConfigError for lists and maps; key is where the text stands.
std::string text_in_string(const Value& value, const std::string& key);

}  // namespace normadd::config
