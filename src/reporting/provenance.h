// SPDX-License-Identifier: Apache-2.0
// The last line of every table: which runs, which program, which command.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reporting/run_listing.h"

namespace normadd::reporting {

/// "Run 1a2b3c4d, normadd 0.1.0, commit 0123456789ab.", as far as the folder's manifest says. Throws DataError for a
/// damaged manifest.
std::string run_provenance(const std::filesystem::path& run_folder, const std::string& run);

/// The configuration hashes of the runs (of many, the first dozen), the versions that made them, this program's version
/// and the command.
std::vector<std::string> view_provenance(const RunListing& listing, const std::string& command);

}  // namespace normadd::reporting
