// SPDX-License-Identifier: Apache-2.0
#include "normadd/installation.h"

#include "normadd/home.h"
#include "normadd/hub_environment.h"

namespace normadd::tools {

experiment::Installation installation() { return {home(), weight_places()}; }

}  // namespace normadd::tools
