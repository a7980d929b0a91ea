// SPDX-License-Identifier: Apache-2.0
#include "experiment/pair_panels.h"

#include <fmt/format.h>

#include "imaging/codec.h"
#include "normality/fusion.h"
#include "reporting/panel.h"
#include "reporting/picture_records.h"

namespace normadd::experiment {

PairPanels::PairPanels(const datasets::Category& category, const EvaluationPlan& plan, const TestedImages& tested,
                       bool enabled)
    : category_(category), plan_(plan), tested_(tested) {
  if (!enabled) return;
  for (const auto& planned : plan.pairs)
    selections_.push_back(select_panel_images(category, planned.pair, tested.scores));
  maps_.resize(selections_.size());
}

void PairPanels::observe(std::size_t pair, std::size_t image, const imaging::Map& suppression,
                         const imaging::Map& fused) {
  if (shows(pair, image)) maps_[pair][image] = {suppression, fused};
}

bool PairPanels::shows(std::size_t pair, std::size_t image) const {
  if (selections_.empty()) return false;
  const PanelSelection& selection = selections_[pair];
  for (std::size_t slot = 0; slot < selection.image.size(); ++slot) {
    if (selection.has[slot] && selection.image[slot] == image) return true;
  }
  return false;
}

void PairPanels::write(const std::filesystem::path& folder, const std::string& detector) const {
  constexpr const char* kRoles[] = {"added", "retained", "good"};
  for (std::size_t p = 0; p < selections_.size(); ++p) {
    const datasets::Pair& pair = plan_.pairs[p].pair;
    const PlannedCell& cell = plan_.pairs[p].cells[0];
    reporting::PanelRecord record{detector, pair.category, pair.added, cell.prompts, cell.fusion, {}, 0, 0, {}};
    std::vector<reporting::PanelRow> rows;
    for (std::size_t slot = 0; slot < std::size(kRoles); ++slot) {
      if (!selections_[p].has[slot]) continue;
      const std::size_t image = selections_[p].image[slot];
      const datasets::Sample& sample = category_.test[image];
      const detectors::Prediction& prediction = tested_.predictions[image];
      const Maps& maps = maps_[p].at(image);
      reporting::PanelRow row;
      row.label = slot == 2 ? "good" : fmt::format("{}: {}", kRoles[slot], sample.defect_type);
      row.image =
          imaging::image_in_crop(imaging::read_image(sample.image), prediction.geometry, imaging::Filter::kBilinear);
      row.mask = tested_.masks[image];
      row.anomaly = prediction.map;
      row.suppression = maps.suppression;
      row.fused = maps.fused;
      row.score_before = tested_.scores[image];
      row.score_after = normality::map_maximum(maps.fused);
      record.examples.push_back({kRoles[slot], sample.defect_type, sample.id, row.score_before, row.score_after, {}});
      rows.push_back(std::move(row));
    }
    const std::string title =
        fmt::format("{} + \"{}\" is normal now  ({}, {})", pair.category, pair.added, cell.prompts, cell.fusion);
    reporting::write_panel(folder, std::move(record), reporting::draw_panel(title, rows));
  }
}

}  // namespace normadd::experiment
