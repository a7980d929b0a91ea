// SPDX-License-Identifier: Apache-2.0
// Where a category's threshold comes from, as a user says it in a word.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "experiment/map_evaluation.h"
#include "metrics/threshold.h"

namespace normadd::experiment {

/// "manual:NUMBER", "train_quantile:SHARE" (of the maxima of train/good maps), "f1:FILE.csv" (the best F1 on a
/// validation set) or "f1:test" (on the test set itself).
struct ThresholdRule {
  enum class Kind { kManual, kTrainQuantile, kF1OfFile, kF1OfTest };
  Kind kind = Kind::kManual;
  double number = 0;
  std::string file;
};

/// Throws ConfigError for an unknown rule, a number that is none, and "f1:test" unless allow_test_tuning.
ThresholdRule parse_threshold_rule(const std::string& text, bool allow_test_tuning);

/// train_scores: asked for train_quantile only. A validation file has the columns score and label (0 or 1), and
/// optionally category (rows of others are left out) and image; one that holds a test image of this category is
/// refused unless allow_test_tuning, and then marked. Throws DataError naming the file.
metrics::Threshold threshold_for(const ThresholdRule& rule, const MapEvaluation& evaluation,
                                 const std::function<std::vector<double>()>& train_scores, bool allow_test_tuning);

}  // namespace normadd::experiment
