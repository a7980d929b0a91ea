// SPDX-License-Identifier: Apache-2.0
// One category, start to end: detectors, normality detector, fusion of every cell, metrics, panels.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "datasets/dataset.h"
#include "detectors/detector.h"
#include "experiment/evaluation_plan.h"
#include "experiment/job.h"
#include "experiment/result_tables.h"
#include "normality/normality_detector.h"

namespace normadd::experiment {

/// A detector of the run with the rows that it has earned so far.
struct EvaluatedDetector {
  std::string label;  // in tables and as the name of its folders
  std::unique_ptr<detectors::Detector> detector;
  MetricsTable metrics;
  ScoresTable scores;
};

/// What a category needs from the run around it.
struct CategoryContext {
  const Job* job = nullptr;
  normality::NormalityDetector* normality_detector = nullptr;
  const EvaluationPlan* plan = nullptr;
  std::filesystem::path run_folder;
};

/// Each detector in turn is fitted (or loaded) and predicts; then one pass of the normality detector over the images
/// serves all of them. Adds this category's rows to the detectors' tables, and writes panels of the first detector
/// below run_folder/images.
void evaluate_category(const datasets::Category& category, const CategoryContext& context,
                       std::span<EvaluatedDetector> detectors);

}  // namespace normadd::experiment
