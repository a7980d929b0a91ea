// SPDX-License-Identifier: Apache-2.0
#include "experiment/category_evaluation.h"

#include "core/log.h"
#include "experiment/cell_fusion.h"
#include "experiment/pair_metrics.h"
#include "experiment/pair_panels.h"
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

}  // namespace

void evaluate_category(const datasets::Category& category, const CategoryContext& context, MetricsTable& metrics,
                       ScoresTable& scores) {
  const Job& job = *context.job;
  fit_or_load(category, job, context.run_folder, *context.detector);
  const TestedImages tested = predict_test_images(category, job, *context.detector);
  add_original_metrics(category, tested, job.metrics, metrics);

  const EvaluationPlan& plan = *context.plan;
  if (plan.pairs.empty()) {
    core::log_warning(category.name +
                      (category.defect_types.empty()
                           ? ": no defect type, so nothing to measure"
                           : ": a single defect type, so no pair: normality addition is left out here"));
    return;
  }
  context.normality_detector->encode(plan.texts);
  const double scale = job.fusion.rule == "subtract" ? score_scale(category, job, *context.detector) : 1.0;
  PairPanels panels(category, plan, tested, job.run.panels);
  const CellScores cells =
      fuse_cells(category, plan, tested, job, *context.normality_detector, scale,
                 [&](std::size_t pair, std::size_t image, const imaging::Map& suppression, const imaging::Map& fused) {
                   panels.observe(pair, image, suppression, fused);
                 });
  for (std::size_t p = 0; p < plan.pairs.size(); ++p) {
    const PlannedPair& planned = plan.pairs[p];
    for (std::size_t c = 0; c < planned.cells.size(); ++c) {
      const Cell cell{category.name, planned.pair.added, planned.cells[c].prompts, planned.cells[c].fusion};
      add_pair_metrics(category, planned.pair, cell, tested.scores, cells.after[p][c], metrics, scores);
      if (job.metrics.pixel_pairs) add_pixel_metrics(cells, p, c, cell, metrics);
    }
  }
  panels.write(context.run_folder / "images");
}

}  // namespace normadd::experiment
