// SPDX-License-Identifier: Apache-2.0
// The tables of a run, made from its folder alone.
#pragma once

#include <filesystem>
#include <string>

namespace normadd::reporting {

/// Reads run_folder/metrics.csv and, where it is there, scores.csv, for the intervals of gains, and writes
/// run_folder/tables/{original,pairs,summary}.{md,csv}, each atomically: the detector on the original labels, one row
/// per pair, one row per (detector, prompts, fusion); with several detectors detectors.{md,csv}, one row for each; and
/// intervals.csv, each gain with its interval. Tables without rows are left out. Returns the text for the terminal: all
/// of it, but only the pairs of the first cell that is no control; with several detectors the table of detectors and
/// the summary of the first. styled adds ANSI bold and dim. Throws DataError for a malformed metrics.csv, OutputError.
std::string write_tables(const std::filesystem::path& run_folder, bool styled = false);

}  // namespace normadd::reporting
