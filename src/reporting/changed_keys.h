// SPDX-License-Identifier: Apache-2.0
// What differs between runs, found by comparing their resolved configurations: the columns of an ablation table.
#pragma once

#include <string>
#include <vector>

#include "reporting/run_listing.h"

namespace normadd::reporting {

/// A configuration key, or the choice of a config group, that is not the same in all runs.
struct ChangedKey {
  std::string key;                  // "detector", "fusion.lambda"
  std::vector<std::string> values;  // one per run; empty where a run has no such key
  std::string follows;              // an earlier key, no group, that tells the same runs apart; empty = none
};

/// Groups first, then keys, in the order of the first run's configuration. Left out is what cannot change a number
/// (run, cache, launcher, threads, sweep, sweeper), the seed, what follows from another key (an interpolation), and
/// what a listed choice decides: the keys of a detector's section, say, when they differ from detector to detector
/// only.
std::vector<ChangedKey> changed_keys(const std::vector<ListedRun>& runs);

/// The run's seed as text; empty when it has none.
std::string seed_of(const ListedRun& run);

}  // namespace normadd::reporting
