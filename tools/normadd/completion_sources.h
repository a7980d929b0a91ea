// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "normadd_complete/catalog.h"

namespace normadd::tools {

/// Asks every verb for its flags and every declaration of the configuration for its values.
completion::Catalog completion_catalog();

}  // namespace normadd::tools
