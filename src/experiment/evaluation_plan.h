// SPDX-License-Identifier: Apache-2.0
// Which cells are evaluated for each pair of a category, and which texts they need, so that one image pass serves all
// of them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "datasets/normality_addition.h"
#include "normality/controls.h"
#include "normality/normality_detector.h"
#include "normality/prompt_set.h"

namespace normadd::experiment {

/// One cell: a prompt set with the configured fusion, or a control in its place.
struct PlannedCell {
  std::string prompts;  // empty for controls that no text can change
  std::string fusion;   // the fusion rule, or the control's name
  normality::Control control = normality::Control::kNone;
  bool is_control = false;
  std::size_t text = 0;  // index into EvaluationPlan::texts, unused by text-free controls
};

struct PlannedPair {
  datasets::Pair pair;
  std::vector<PlannedCell> cells;  // prompt sets first, in the order of the configuration
};

struct EvaluationPlan {
  std::vector<normality::TextPair> texts;
  std::vector<PlannedPair> pairs;
};

/// Throws DataError when a prompt set lacks texts for a pair, ConfigError for an unknown control (its nearest name).
EvaluationPlan plan_evaluation(const datasets::Category& category, const std::vector<normality::PromptSet>& prompt_sets,
                               const std::vector<std::string>& controls, const std::string& fusion_name);

}  // namespace normadd::experiment
