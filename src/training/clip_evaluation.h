// SPDX-License-Identifier: Apache-2.0
// A quick look at a half-trained CLIP: does A_sup find the named type, does it tell types apart, does it help a
// detector? Freshly drawn demo pictures (never seen in training) and an exact nearest-neighbour detector on the CLIP's
// own tokens stand in for the full experiment, which costs minutes instead of seconds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "networks/clip.h"
#include "networks/dense_layers.h"

namespace normadd::training {

struct ClipEvaluationOptions {
  std::uint64_t seed = 77;
  int train_good = 20, test_good = 20, test_per_type = 10;
  double blur_sigma_px = 2;         // of A and A_sup
  std::vector<int> map_taps{2, 3};  // blocks whose tokens make the stand-in detector's map A
};

struct PairEvaluation {
  std::string category, type;
  double pixel_auroc = 0;        // A_sup of the type: its own pixels against all others, over all test pictures
  double discrimination = 0;     // mean A_sup on the type's own pixels minus that on other types' pixels
  double before = 0, after = 0;  // image AUROC on the new labels with max A, max A (1 - A_sup)
  double collateral = 0;         // AUROC of the retained types against good, after minus before
  double other_text = 0;         // as after, with another type's text: should stay near before
};

struct ClipEvaluation {
  std::vector<PairEvaluation> pairs;
  double original = 0;  // mean over categories of the stand-in detector's image AUROC on the original labels
  double mean(double PairEvaluation::*field) const;
};

ClipEvaluation evaluate_clip(const networks::Clip& clip, const networks::DenseLayers& layers,
                             const ClipEvaluationOptions& options);

/// P(positive > negative) + P(equal) / 2. NaN when either list is empty.
double auroc(const std::vector<double>& positive, const std::vector<double>& negative);

}  // namespace normadd::training
