// SPDX-License-Identifier: Apache-2.0
// Where a named prompt set is.
#pragma once

#include <filesystem>
#include <string>

namespace normadd::experiment {

/// The user's folder first, then the shipped one, so that own prompt sets can be compared with those. home: the
/// program's own tree.
std::filesystem::path prompt_set_file(const std::string& name, const std::filesystem::path& folder,
                                      const std::filesystem::path& home);

}  // namespace normadd::experiment
