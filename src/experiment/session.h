// SPDX-License-Identifier: Apache-2.0
// What the jobs of one process share: datasets, networks, prompt sets, and the cache of stages. Each is read once.
#pragma once

#include <memory>

#include "experiment/installation.h"
#include "experiment/job.h"
#include "stages/stage_cache.h"

namespace normadd::experiment {

class Session {
 public:
  Session(Installation installation, const CacheOptions& cache);
  ~Session();
  stages::StageCache& cache();
  const Installation& installation() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace normadd::experiment
