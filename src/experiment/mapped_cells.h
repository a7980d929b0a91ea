// SPDX-License-Identifier: Apache-2.0
// Cells that need whole maps: controls that replace A_sup, pixel metrics on the new labels, and panels. One object for
// each detector of each job that has such cells.
#pragma once

#include <functional>
#include <vector>

#include "datasets/dataset.h"
#include "experiment/category_outcome.h"
#include "experiment/evaluation_plan.h"
#include "experiment/job.h"
#include "experiment/pair_panels.h"
#include "experiment/tested_images.h"
#include "metrics/pixel.h"

namespace normadd::experiment {

/// Whether a score alone is not enough, or A_sup is not the map of a text.
bool needs_maps(const PlannedCell& cell, const Job& job);

class MappedCells {
 public:
  /// A_sup of a text of the plan, in A's geometry, of the image that is being fused.
  using AlignedText = std::function<const imaging::Map&(std::size_t text)>;

  /// panels: null where none are drawn. outcome.cells gets a vector of scores for each cell that needs_maps(). What is
  /// given must outlive the object.
  MappedCells(const datasets::Category& category, const EvaluationPlan& plan, TestedImages& tested, const Job& job,
              double scale, PairPanels* panels, DetectorOutcome& outcome);

  bool is_empty() const { return !has_cells_ && panels_ == nullptr; }
  /// Fuses what needs maps of this image.
  void fuse_image(std::size_t image, const AlignedText& aligned);
  /// Writes the pixel numbers into the outcome.
  void finish();

 private:
  void fuse_at_random(std::size_t pair, std::size_t cell, std::size_t image, const AlignedText& aligned);
  const imaging::Map& suppression_of(const PlannedCell& cell, const datasets::Pair& pair, std::size_t image,
                                     const AlignedText& aligned, imaging::Map& replaced) const;
  std::vector<std::uint8_t> pixel_labels(const datasets::Pair& pair, std::size_t image) const;

  const datasets::Category& category_;
  const EvaluationPlan& plan_;
  const TestedImages& tested_;
  const Job& job_;
  double scale_;
  PairPanels* panels_;
  DetectorOutcome& outcome_;
  bool has_cells_ = false;
  /// [pair][cell][image]: which image gets this one's A_sup; empty for cells without Control::kRandom.
  std::vector<std::vector<std::vector<std::size_t>>> receivers_;
  // With metrics.pixel_pairs only.
  std::vector<metrics::BinnedPixelAuroc> pixel_before_;              // [pair]
  std::vector<std::vector<metrics::BinnedPixelAuroc>> pixel_after_;  // [pair][cell]
};

}  // namespace normadd::experiment
