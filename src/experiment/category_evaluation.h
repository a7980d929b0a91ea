// SPDX-License-Identifier: Apache-2.0
// One category, start to end: detector, normality detector, fusion of every cell, metrics, panels.
#pragma once

#include <filesystem>

#include "datasets/dataset.h"
#include "detectors/detector.h"
#include "experiment/evaluation_plan.h"
#include "experiment/job.h"
#include "experiment/result_tables.h"
#include "normality/normality_detector.h"

namespace normadd::experiment {

/// What a category needs from the run around it.
struct CategoryContext {
  const Job* job = nullptr;
  detectors::Detector* detector = nullptr;
  normality::NormalityDetector* normality_detector = nullptr;
  const EvaluationPlan* plan = nullptr;
  std::filesystem::path run_folder;
};

/// Fits or loads, predicts, fuses, and adds this category's rows to both tables; writes panels below run_folder/images.
void evaluate_category(const datasets::Category& category, const CategoryContext& context, MetricsTable& metrics,
                       ScoresTable& scores);

}  // namespace normadd::experiment
