// SPDX-License-Identifier: Apache-2.0
#include "experiment/cell_fusion.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/progress.h"
#include "core/random.h"
#include "normality/fusion.h"

namespace normadd::experiment {

using normality::Control;

CellFusion::CellFusion(const datasets::Category& category, const EvaluationPlan& plan, const TestedImages& tested,
                       const Job& job, double scale, Observer observer)
    : category_(category), plan_(plan), tested_(tested), job_(job), scale_(scale), observer_(std::move(observer)) {
  for (const auto& planned : plan.pairs) {
    scores_.after.emplace_back(planned.cells.size(), std::vector<double>(category.test.size()));
    if (!job.metrics.pixel_pairs) continue;
    scores_.pixel_before.emplace_back();
    scores_.pixel_after.emplace_back(planned.cells.size());
  }
}

void CellFusion::fuse_image(std::size_t image, const normality::Suppression& suppression) {
  const detectors::Prediction& prediction = tested_.predictions[image];
  // Several cells share a text: each map is brought into A's geometry once.
  std::vector<imaging::Map> aligned;
  aligned.reserve(suppression.maps.size());
  for (const auto& map : suppression.maps) {
    aligned.push_back(imaging::map_in_crop(map, suppression.geometry, prediction.geometry, 0.0f));
  }
  for (std::size_t p = 0; p < plan_.pairs.size(); ++p) {
    const PlannedPair& planned = plan_.pairs[p];
    const std::vector<std::uint8_t> labels = pixel_labels(planned.pair, image);
    if (!labels.empty()) scores_.pixel_before[p].add(prediction.map.values, labels);
    for (std::size_t c = 0; c < planned.cells.size(); ++c) {
      const PlannedCell& cell = planned.cells[c];
      imaging::Map replaced;
      const imaging::Map& map = suppression_of(cell, planned.pair, image, aligned, replaced);
      const imaging::Map fused = normality::fuse(prediction.map, map, job_.fusion, scale_);
      scores_.after[p][c][image] = normality::map_maximum(fused);
      if (!labels.empty()) scores_.pixel_after[p][c].add(fused.values, labels);
      if (c == 0 && observer_) observer_(p, image, map, fused);
    }
  }
}

/// The cell's A_sup: one of the aligned maps, or a control's map kept in replaced.
const imaging::Map& CellFusion::suppression_of(const PlannedCell& cell, const datasets::Pair& pair, std::size_t image,
                                               const std::vector<imaging::Map>& aligned, imaging::Map& replaced) const {
  if (!cell.is_control || normality::changes_texts(cell.control)) return aligned[cell.text];
  const imaging::Size size = tested_.predictions[image].map.size();
  const datasets::Sample& sample = category_.test[image];
  switch (cell.control) {
    case Control::kConstant:
      replaced = imaging::Map(size.height, size.width, 0.5f);
      break;
    case Control::kRandom: {
      core::RandomStream random(static_cast<std::uint64_t>(job_.options.seed),
                                fmt::format("random control/{}/{}/{}", cell.prompts, pair.added, sample.id));
      replaced = normality::shuffled_cells(aligned[cell.text], random);
      break;
    }
    case Control::kOracle:
      replaced = sample.defect_type == pair.added && !tested_.masks[image].pixels.empty()
                     ? normality::map_of_mask(tested_.masks[image])
                     : imaging::Map(size.height, size.width);
      break;
    default:
      replaced = imaging::Map(size.height, size.width);
  }
  return replaced;
}

/// On the new labels an added image has no anomalous pixel. Empty when the image takes no part in pixel metrics.
std::vector<std::uint8_t> CellFusion::pixel_labels(const datasets::Pair& pair, std::size_t image) const {
  const imaging::Mask& mask = tested_.masks[image];
  if (!job_.metrics.pixel_pairs || mask.pixels.empty()) return {};
  const bool retained = datasets::role_of(category_.test[image], pair) == datasets::Role::kRetained;
  return retained ? mask.pixels : std::vector<std::uint8_t>(mask.pixels.size(), 0);
}

void fuse_test_images(const datasets::Category& category, const Job& job,
                      const normality::NormalityDetector& normality_detector, std::span<CellFusion> fusions) {
  const auto batch = static_cast<std::size_t>(job.run.batch_size);
  core::Progress progress("suppress " + category.name, category.test.size());
  for (std::size_t begin = 0; begin < category.test.size(); begin += batch) {
    const std::size_t end = std::min(begin + batch, category.test.size());
    const auto suppressions = normality_detector.suppress(read_test_images(category, begin, end));
    for (std::size_t i = begin; i < end; ++i) {
      for (auto& fusion : fusions) fusion.fuse_image(i, suppressions[i - begin]);
    }
    progress.advance(end - begin);
  }
}

}  // namespace normadd::experiment
