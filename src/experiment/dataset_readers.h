// SPDX-License-Identifier: Apache-2.0
// The readers that a config node "dataset" can name, each with its own options.
#pragma once

#include <string>
#include <vector>

#include "config/options.h"
#include "datasets/check.h"
#include "datasets/dataset.h"

namespace normadd::experiment {

/// dataset.reader: mvtec_ad, visa, btad, mpdd, folder, csv (layouts of files that are there) or demo (mvtec_ad's, made
/// on first use). Throws ConfigError for an unknown reader or key (nearest name), DataError for what is wrong with the
/// files.
datasets::Dataset read_dataset(const config::Value& node);

/// Everything that is wrong with the files that read_dataset would read. Errors as read_dataset, but DataError only
/// when there is nothing to examine.
std::vector<datasets::Finding> check_dataset(const config::Value& node);

std::vector<std::string> dataset_reader_names();
/// The options of a reader. Throws ConfigError for an unknown name (nearest valid one).
std::vector<config::Field> dataset_fields(const std::string& reader);

}  // namespace normadd::experiment
