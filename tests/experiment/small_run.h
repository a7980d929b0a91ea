// SPDX-License-Identifier: Apache-2.0
// A whole run in about a second: a few procedural pictures, PatchCore on the micro ResNet, the micro CLIP.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "config/compose.h"
#include "core/csv.h"
#include "experiment/job.h"
#include "experiment/runner.h"
#include "support/temporary_directory.h"

namespace normadd::experiment {

/// Composes the shipped configuration.
inline Job job_of(std::vector<std::string> overrides) {
  ::setenv("NORMADD_HOME", NORMADD_SOURCE_DIR, 1);
  config::ComposeRequest request;
  request.search_paths = {std::string(NORMADD_SOURCE_DIR) + "/configs"};
  request.overrides = std::move(overrides);
  return make_job(config::compose(request));
}

/// The source tree with no hub cache at all.
inline Installation test_installation() {
  const std::filesystem::path home = NORMADD_SOURCE_DIR;
  return {home, {home / "data/weights/cards", home / "no-such-cache", home / "no-such-state"}};
}

/// The overrides of a small run on data in directory/data, into directory/RUN; more wins over them.
inline std::vector<std::string> small_run(const test::TemporaryDirectory& directory, const std::string& run,
                                          const std::vector<std::string>& more = {}) {
  std::vector<std::string> overrides{
      "dataset.root=" + (directory / "data").string(),
      "dataset.categories=[carpet]",
      "dataset.train_good=4",
      "dataset.test_good=3",
      "dataset.test_per_type=2",
      "detector.coreset_ratio=0.02",
      "backbone.resize_px=128",
      "run.dir=" + (directory / run).string(),
      // Each run computes everything itself.
      "cache.dir=" + (directory / "cache" / run).string(),
  };
  overrides.insert(overrides.end(), more.begin(), more.end());
  return overrides;
}

inline RunResult run_small(const test::TemporaryDirectory& directory, const std::string& run,
                           const std::vector<std::string>& more = {}) {
  return run_job(job_of(small_run(directory, run, more)), test_installation());
}

}  // namespace normadd::experiment
