// SPDX-License-Identifier: Apache-2.0
// status, resume, retry, collect and cancel share their way of naming a sweep.
#pragma once

#include <string>

#include "normadd/command_line.h"

namespace normadd::tools {

/// With --help and the positional [SWEEP].
cxxopts::Options sweep_verb_options(const std::string& verb, const std::string& help);

}  // namespace normadd::tools
