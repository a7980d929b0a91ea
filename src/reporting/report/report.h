// SPDX-License-Identifier: Apache-2.0
// The report of one or many runs: a folder of HTML and pictures that opens from disk, without network or program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "reporting/run_listing.h"

namespace normadd::reporting {

struct WrittenReport {
  std::filesystem::path page;  // what to open
  std::size_t num_files = 0;
  std::uintmax_t num_bytes = 0;
};

/// Writes folder/index.html and what it needs: for one run its page, for several their comparison and a page for each.
/// Everything comes from the runs' folders, and the same folders give the same bytes. The folder appears whole; an
/// earlier report in it is replaced. Throws DataError for damaged files of a run, OutputError when folder holds
/// anything but a report or cannot be written.
WrittenReport write_report(const RunListing& listing, const std::filesystem::path& folder);

}  // namespace normadd::reporting
