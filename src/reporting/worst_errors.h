// SPDX-License-Identifier: Apache-2.0
// The images that a run got most wrong, found by a rule in its scores: nobody picks them by hand.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reporting/run_scores.h"

namespace normadd::reporting {

/// A test image whose score after addition contradicts its new label.
struct ScoreError {
  std::string category, added, image, type;  // image: its id in scores.csv
  /// Share of the pair's images of the other label on whose wrong side the score lies, ties counting half: this image's
  /// own part in 1 - AUROC. In (0, 1]; free of units, so that categories and detectors compare.
  double error = 0;
  /// Distance from the other label's mean score, in standard deviations of the pair's scores; breaks ties of error.
  double margin = 0;
  double score_before = 0, score_after = 0;
};

/// Of one detector in its first cell that is no control, as the table of detectors has it.
struct DetectorErrors {
  std::string detector, prompts, fusion;
  std::vector<ScoreError> false_accepts;  // anomalous images that score like normal ones, worst first
  std::vector<ScoreError> false_rejects;  // normal images that score like anomalous ones, worst first
};

/// At most so many of each kind and detector are kept.
inline constexpr std::size_t kMostErrors = 8;

/// Detectors in the order of the file. An image that errs in several pairs appears once per kind, with its worst pair;
/// equal errors stand in the order of the pairs and of their category's images.
std::vector<DetectorErrors> worst_errors(const RunScores& scores);

}  // namespace normadd::reporting
