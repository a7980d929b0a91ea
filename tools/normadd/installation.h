// SPDX-License-Identifier: Apache-2.0
// Where the running program and what belongs to it lie, as its place and the environment say.
#pragma once

#include "experiment/installation.h"

namespace normadd::tools {

/// Throws ConfigError when the program's own tree or the user's cache folder cannot be told.
experiment::Installation installation();

}  // namespace normadd::tools
