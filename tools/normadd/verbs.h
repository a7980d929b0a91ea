// SPDX-License-Identifier: Apache-2.0
// The table of verbs.
#pragma once

#include <span>

#include "normadd/commands.h"

namespace normadd::tools {

struct Verb {
  const char* name;
  const char* help;
  int (*run)(const Arguments&);
};

std::span<const Verb> verbs();

}  // namespace normadd::tools
