// SPDX-License-Identifier: Apache-2.0
// The nodes that make_job leaves to the components themselves, checked without making one.
#pragma once

#include "experiment/job.h"

namespace normadd::experiment {

/// Dataset, detectors and normality detector: their names and all of their options. Reads no data and no weights.
/// Throws ConfigError as the run itself would.
void check_components(const Job& job);

}  // namespace normadd::experiment
