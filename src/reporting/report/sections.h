// SPDX-License-Identifier: Apache-2.0
// The parts of a report's pages, each as HTML; empty where a run has nothing for it.
#pragma once

#include <string>
#include <vector>

#include "reporting/figure.h"
#include "reporting/report/reported_run.h"

namespace normadd::reporting {

/// What was run, the headline numbers with their intervals, and what the controls say of them.
std::string summary_section(const ReportedRun& run);
/// Gains under each control beside that of the text, detectors as columns.
std::string controls_section(const ReportedRun& run);
/// Every pair of the leading cells; all_cells: a link to the page that has the others.
std::string pairs_section(const ReportedRun& run, const std::string& all_cells);
/// Every pair of every cell.
std::string all_pairs_section(const ReportedRun& run);
std::string originals_section(const ReportedRun& run);
std::string gallery_section(const ReportedRun& run);
std::string errors_section(const ReportedRun& run);
std::string figures_section(const std::vector<Figure>& figures);
/// How to make the run again, versions, hashes, the whole configuration.
std::string provenance_section(const ReportedRun& run);

/// Of several runs: their numbers beside the keys in which they differ. links: the page of each run.
std::string comparison_section(const RunListing& listing);
std::string differences_section(const RunListing& listing, const std::vector<std::string>& names,
                                const std::vector<std::string>& links);

/// "+4.53", "95 % interval +3.90 to +5.10" for an interval that is defined; HTML.
std::string gain_html(double gain, const GainInterval& interval);

}  // namespace normadd::reporting
