// SPDX-License-Identifier: Apache-2.0
// The readers that a config node "dataset" can name, each with its own options.
#pragma once

#include "config/value.h"
#include "datasets/dataset.h"

namespace normadd::experiment {

/// dataset.reader: mvtec_ad (a folder in MVTec AD's layout) or demo (the same, made on first use). Throws ConfigError
/// for an unknown reader or key (nearest name), DataError for what is wrong with the files.
datasets::Dataset read_dataset(const config::Value& node);

}  // namespace normadd::experiment
