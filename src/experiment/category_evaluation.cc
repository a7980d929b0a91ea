// SPDX-License-Identifier: Apache-2.0
#include "experiment/category_evaluation.h"

#include "core/log.h"
#include "experiment/cell_fusion.h"
#include "experiment/pair_metrics.h"
#include "experiment/pair_panels.h"
#include "experiment/saved_maps.h"
#include "experiment/tested_images.h"

namespace normadd::experiment {
namespace {

void add_pixel_metrics(const CellScores& scores, std::size_t pair, std::size_t index, const Cell& cell,
                       MetricsTable& metrics) {
  const auto& pixels = scores.pixel_after[pair][index];
  const double before = scores.pixel_before[pair].value(), after = pixels.value();
  metrics.add(cell, "pixel_auroc_before", before, pixels.num_negative(), pixels.num_positive());
  metrics.add(cell, "pixel_auroc_after", after, pixels.num_negative(), pixels.num_positive());
  metrics.add(cell, "pixel_auroc_gain", after - before, pixels.num_negative(), pixels.num_positive());
}

/// A detector's maps of the category, and what fusing them needs.
struct Predicted {
  TestedImages tested;
  double scale = 1.0;
};

Predicted predict(const datasets::Category& category, const CategoryContext& context, EvaluatedDetector& evaluated) {
  const Job& job = *context.job;
  fit_or_load(category, job, context.run_folder, evaluated.label, *evaluated.detector);
  Predicted predicted{predict_test_images(category, job, *evaluated.detector)};
  if (job.run.save_maps) save_maps(context.run_folder / "maps" / evaluated.label, category, predicted.tested);
  add_original_metrics(category, predicted.tested, job.metrics, evaluated.metrics);
  const bool is_fused = !context.plan->pairs.empty();
  if (is_fused && job.fusion.rule == "subtract") predicted.scale = score_scale(category, job, *evaluated.detector);
  return predicted;
}

void add_cells(const datasets::Category& category, const CategoryContext& context, const TestedImages& tested,
               const CellScores& cells, EvaluatedDetector& evaluated) {
  const EvaluationPlan& plan = *context.plan;
  for (std::size_t p = 0; p < plan.pairs.size(); ++p) {
    const PlannedPair& planned = plan.pairs[p];
    for (std::size_t c = 0; c < planned.cells.size(); ++c) {
      const Cell cell{category.name, planned.pair.added, planned.cells[c].prompts, planned.cells[c].fusion};
      add_pair_metrics(category, planned.pair, cell, tested.scores, cells.after[p][c], evaluated.metrics,
                       evaluated.scores);
      if (context.job->metrics.pixel_pairs) add_pixel_metrics(cells, p, c, cell, evaluated.metrics);
    }
  }
}

}  // namespace

void evaluate_category(const datasets::Category& category, const CategoryContext& context,
                       std::span<EvaluatedDetector> detectors) {
  const Job& job = *context.job;
  std::vector<Predicted> predicted;
  for (auto& evaluated : detectors) predicted.push_back(predict(category, context, evaluated));

  const EvaluationPlan& plan = *context.plan;
  if (plan.pairs.empty()) {
    core::log_warning(category.name +
                      (category.defect_types.empty()
                           ? ": no defect type, so nothing to measure"
                           : ": a single defect type, so no pair: normality addition is left out here"));
    return;
  }
  context.normality_detector->encode(plan.texts);
  PairPanels panels(category, plan, predicted.front().tested, job.run.panels);
  std::vector<CellFusion> fusions;
  for (std::size_t d = 0; d < detectors.size(); ++d) {
    // Panels show the first detector.
    CellFusion::Observer observer;
    if (d == 0) {
      observer = [&panels](std::size_t pair, std::size_t image, const imaging::Map& suppression,
                           const imaging::Map& fused) { panels.observe(pair, image, suppression, fused); };
    }
    fusions.emplace_back(category, plan, predicted[d].tested, job, predicted[d].scale, std::move(observer));
  }
  fuse_test_images(category, job, *context.normality_detector, fusions);
  for (std::size_t d = 0; d < detectors.size(); ++d) {
    add_cells(category, context, predicted[d].tested, fusions[d].scores(), detectors[d]);
  }
  panels.write(context.run_folder / "images");
}

}  // namespace normadd::experiment
