// SPDX-License-Identifier: Apache-2.0
// What a half-typed word may become.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "normadd_complete/catalog.h"
#include "normadd_complete/typed_line.h"

namespace normadd::completion {

struct Candidate {
  std::string word;          // the whole word, without quotes
  bool is_finished = false;  // a blank may follow
};

/// Sorted. configs: the folder of the program's own configurations. Nothing that the user typed makes it throw: what
/// cannot be composed is left out.
std::vector<Candidate> candidates(const Catalog& catalog, const TypedLine& line, const std::filesystem::path& configs);

}  // namespace normadd::completion
