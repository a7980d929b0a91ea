// SPDX-License-Identifier: Apache-2.0
// Which pairs a prompt set is made for: named one by one, or all those of a dataset.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "normality/prompt_generator.h"

namespace normadd::tools {

/// named: CATEGORY/TYPE texts; overrides: dataset=NAME, dataset.KEY=VALUE, composed with the configurations of
/// search_paths. Throws ConfigError unless exactly one of the two is given, for malformed or repeated pairs and for
/// overrides of anything else; DataError for a dataset without pairs, and for what is wrong with its files.
std::vector<normality::PromptPair> prompt_pairs(const std::vector<std::string>& named,
                                                const std::vector<std::string>& overrides,
                                                const std::vector<std::filesystem::path>& search_paths);

}  // namespace normadd::tools
