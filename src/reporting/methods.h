// SPDX-License-Identifier: Apache-2.0
// What a table compares: a detector, or a detector with a prompt set and a fusion, in one configuration, over its
// seeds.
#pragma once

#include <string>
#include <vector>

#include "reporting/means.h"
#include "reporting/run_listing.h"
#include "reporting/run_metrics.h"
#include "reporting/table.h"

namespace normadd::reporting {

struct Method {
  /// Detector, then prompts and fusion where it has them, then the changed keys of its runs: what tells it from others.
  std::string name;
  std::string detector, prompts, fusion;
  bool is_control = false;
  /// One per seed: its categories on the original labels, or its pairs.
  std::vector<std::vector<CategoryNumbers>> seeds;
};

/// Of the listed runs (in their order) and their metrics: those on the original labels, or those of pairs, without
/// controls unless they are asked for. Runs that differ in the seed alone are seeds of the same methods. detector:
/// only this one; empty = all.
std::vector<Method> original_methods(const RunListing& listing, const std::vector<RunMetrics>& metrics,
                                     const std::string& detector);
std::vector<Method> pair_methods(const RunListing& listing, const std::vector<RunMetrics>& metrics,
                                 const std::string& detector, bool with_controls);

/// Mean over the entries of a category for each seed, then over seeds.
SeedSpread category_spread(const Method& method, const std::string& category, const std::string& metric);
/// Macro mean over the categories for each seed, then over seeds.
SeedSpread macro_spread(const Method& method, const std::string& metric);

/// Categories in MVTec AD's usual order, textures first, where names are known; others follow in the order of the runs.
std::vector<std::string> ordered_categories(const std::vector<Method>& methods);

/// The largest number of seeds of any method; what a note on deviations says is n.
std::size_t most_seeds(const std::vector<Method>& methods);
/// "± : ..." where there are several seeds.
void add_seed_note(Table& table, const std::vector<Method>& methods);

}  // namespace normadd::reporting
