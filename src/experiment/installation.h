// SPDX-License-Identifier: Apache-2.0
// Where the program and what belongs to it lie on this machine.
#pragma once

#include <filesystem>

#include "weights/catalogue.h"

namespace normadd::experiment {

struct Installation {
  std::filesystem::path home;  // the program's own tree: configs, shipped data
  weights::Places weights;     // weight cards and the hub's cache
};

}  // namespace normadd::experiment
