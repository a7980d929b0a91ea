// SPDX-License-Identifier: Apache-2.0
// Collects what the panels of a category's pairs show, and draws them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "experiment/evaluation_plan.h"
#include "experiment/panel_selection.h"
#include "experiment/tested_images.h"

namespace normadd::experiment {

class PairPanels {
 public:
  /// enabled = false: observes and writes nothing. All references must outlive the object.
  PairPanels(const datasets::Category& category, const EvaluationPlan& plan, const TestedImages& tested, bool enabled);

  /// Whether observe() would keep the maps.
  bool shows(std::size_t pair, std::size_t image) const;

  /// Keeps the maps of the images that select_panel_images chose; in A's geometry.
  void observe(std::size_t pair, std::size_t image, const imaging::Map& suppression, const imaging::Map& fused);

  /// Writes folder/CATEGORY_TYPE.{png,json} for every pair (reporting/picture_records.h). detector: its label. Throws
  /// OutputError.
  void write(const std::filesystem::path& folder, const std::string& detector) const;

 private:
  struct Maps {
    imaging::Map suppression, fused;
  };

  const datasets::Category& category_;
  const EvaluationPlan& plan_;
  const TestedImages& tested_;
  std::vector<PanelSelection> selections_;         // one per pair; empty when disabled
  std::vector<std::map<std::size_t, Maps>> maps_;  // per pair: image -> maps
};

}  // namespace normadd::experiment
