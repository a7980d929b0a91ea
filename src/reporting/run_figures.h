// SPDX-License-Identifier: Apache-2.0
// The figures of one or many runs, made from their folders alone.
#pragma once

#include <string>
#include <vector>

#include "reporting/figure.h"
#include "reporting/run_listing.h"

namespace normadd::reporting {

/// The families of figures, in the order in which run_figures gives them: "roc", "pr", "pro", ...
const std::vector<std::string>& figure_families();

/// Figures that the runs have numbers for; those without are left out. A family gives one figure, or one for each
/// detector, whose name then ends with it ("gain_padim"). families: those wanted; empty = all. The same folders give
/// the same bytes. Throws ConfigError for an unknown family (nearest name), DataError for damaged files of a run.
std::vector<Figure> run_figures(const RunListing& listing, const std::vector<std::string>& families = {});

}  // namespace normadd::reporting
