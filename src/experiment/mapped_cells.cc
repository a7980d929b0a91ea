// SPDX-License-Identifier: Apache-2.0
#include "experiment/mapped_cells.h"

#include <fmt/format.h>

#include "core/random.h"
#include "imaging/resample.h"
#include "normality/fusion.h"

namespace normadd::experiment {

using normality::Control;

namespace {

bool is_random(const PlannedCell& cell) { return cell.is_control && cell.control == Control::kRandom; }

core::RandomStream random_stream(const Job& job, const PlannedCell& cell, const datasets::Pair& pair,
                                 const std::string& what) {
  return {static_cast<std::uint64_t>(job.options.seed),
          fmt::format("random control/{}/{}/{}", cell.prompts, pair.added, what)};
}

bool replaces_map(const PlannedCell& cell) { return cell.is_control && !normality::changes_texts(cell.control); }

}  // namespace

bool needs_maps(const PlannedCell& cell, const Job& job) { return job.metrics.pixel_pairs || replaces_map(cell); }

MappedCells::MappedCells(const datasets::Category& category, const EvaluationPlan& plan, TestedImages& tested,
                         const Job& job, double scale, PairPanels* panels, DetectorOutcome& outcome)
    : category_(category), plan_(plan), tested_(tested), job_(job), scale_(scale), panels_(panels), outcome_(outcome) {
  receivers_.resize(plan.pairs.size());
  bool needs_masks = panels != nullptr || job.metrics.pixel_pairs;
  for (std::size_t p = 0; p < plan.pairs.size(); ++p) {
    const auto& cells = plan.pairs[p].cells;
    receivers_[p].resize(cells.size());
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (!needs_maps(cells[c], job)) continue;
      has_cells_ = true;
      if (is_random(cells[c]))
        receivers_[p][c] =
            normality::handed_on(category.test.size(), random_stream(job, cells[c], plan.pairs[p].pair, "images"));
      needs_masks = needs_masks || cells[c].control == Control::kOracle;
      outcome.cells[p][c].after = std::make_shared<Scores>(category.test.size());
    }
    if (!job.metrics.pixel_pairs) continue;
    pixel_before_.emplace_back();
    pixel_after_.emplace_back(cells.size());
  }
  if (needs_masks) need_masks(category, tested);
}

void MappedCells::fuse_image(std::size_t image, const AlignedText& aligned) {
  const detectors::Prediction& prediction = tested_.predictions[image];
  for (std::size_t p = 0; p < plan_.pairs.size(); ++p) {
    const PlannedPair& planned = plan_.pairs[p];
    const std::vector<std::uint8_t> labels = pixel_labels(planned.pair, image);
    if (!labels.empty()) pixel_before_[p].add(prediction.map.values, labels);
    for (std::size_t c = 0; c < planned.cells.size(); ++c) {
      const PlannedCell& cell = planned.cells[c];
      const bool is_shown = c == 0 && panels_ != nullptr && panels_->shows(p, image);
      if (!needs_maps(cell, job_) && !is_shown) continue;
      if (is_random(cell)) {
        fuse_at_random(p, c, image, aligned);
        continue;
      }
      imaging::Map replaced;
      const imaging::Map& map = suppression_of(cell, planned.pair, image, aligned, replaced);
      const imaging::Map fused = normality::fuse(prediction.map, map, job_.fusion, scale_);
      if (needs_maps(cell, job_)) (*outcome_.cells[p][c].after)[image] = normality::map_maximum(fused);
      if (!labels.empty()) pixel_after_[p][c].add(fused.values, labels);
      if (is_shown) panels_->observe(p, image, map, fused);
    }
  }
}

/// This image's A_sup, its cells shuffled, goes to another image: neither where it suppresses nor how much says
/// anything of the image that it meets.
void MappedCells::fuse_at_random(std::size_t pair, std::size_t cell, std::size_t image, const AlignedText& aligned) {
  const PlannedCell& planned = plan_.pairs[pair].cells[cell];
  const std::size_t receiver = receivers_[pair][cell][image];
  auto random = random_stream(job_, planned, plan_.pairs[pair].pair, category_.test[receiver].id);
  imaging::Map suppression = normality::shuffled_cells(aligned(planned.text), random);
  const imaging::Map& anomaly = tested_.predictions[receiver].map;
  if (suppression.size() != anomaly.size()) suppression = imaging::resize_bilinear(suppression, anomaly.size());
  const imaging::Map fused = normality::fuse(anomaly, suppression, job_.fusion, scale_);
  (*outcome_.cells[pair][cell].after)[receiver] = normality::map_maximum(fused);
  const std::vector<std::uint8_t> labels = pixel_labels(plan_.pairs[pair].pair, receiver);
  if (!labels.empty()) pixel_after_[pair][cell].add(fused.values, labels);
}

/// The cell's A_sup: one of the aligned maps, or a control's map kept in replaced.
const imaging::Map& MappedCells::suppression_of(const PlannedCell& cell, const datasets::Pair& pair, std::size_t image,
                                                const AlignedText& aligned, imaging::Map& replaced) const {
  if (!replaces_map(cell)) return aligned(cell.text);
  const imaging::Size size = tested_.predictions[image].map.size();
  const datasets::Sample& sample = category_.test[image];
  switch (cell.control) {
    case Control::kConstant:
      replaced = imaging::Map(size.height, size.width, 0.5f);
      break;
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
std::vector<std::uint8_t> MappedCells::pixel_labels(const datasets::Pair& pair, std::size_t image) const {
  if (!job_.metrics.pixel_pairs) return {};
  const imaging::Mask& mask = tested_.masks[image];
  if (mask.pixels.empty()) return {};
  const bool retained = datasets::role_of(category_.test[image], pair) == datasets::Role::kRetained;
  return retained ? mask.pixels : std::vector<std::uint8_t>(mask.pixels.size(), 0);
}

void MappedCells::finish() {
  for (std::size_t p = 0; p < pixel_after_.size(); ++p) {
    for (std::size_t c = 0; c < pixel_after_[p].size(); ++c) {
      const metrics::BinnedPixelAuroc& after = pixel_after_[p][c];
      outcome_.cells[p][c].pixels =
          PixelNumbers{pixel_before_[p].value(), after.value(), after.num_negative(), after.num_positive()};
    }
  }
}

}  // namespace normadd::experiment
