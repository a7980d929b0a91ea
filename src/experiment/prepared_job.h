// SPDX-License-Identifier: Apache-2.0
// A job with everything it needs, found and checked before anything is written.
#pragma once

#include <string>
#include <vector>

#include "experiment/job.h"
#include "experiment/run_folder.h"
#include "experiment/session.h"
#include "stages/stage_key.h"

namespace normadd::experiment {

/// Refers to the job and to what the session holds.
struct PreparedJob {
  const Job* job = nullptr;
  const OpenedDataset* dataset = nullptr;
  const std::vector<EvaluationPlan>* plans = nullptr;  // one per category
  std::vector<OpenedDetector*> detectors;              // as job.detectors
  OpenedNormality* normality = nullptr;
};

/// Throws what is wrong with the job's input: prompt sets, weights, data, texts that the model cannot read.
PreparedJob prepare(const Job& job, Session& session);

/// What the run's manifest says. Throws WeightsError when run.load_detectors lacks a category.
Provenance provenance_of(const PreparedJob& prepared, Session& session);

/// Whether the run's folder gets panels: run.panels, or by what kind of run it is.
bool draws_panels(const Job& job, bool is_part_of_sweep);

/// The finished files of the run. They depend on the program itself, which is named by its own content: a rebuilt
/// program never serves tables of the old one.
stages::StageKey results_key(const PreparedJob& prepared, bool with_panels, Session& session);

}  // namespace normadd::experiment
