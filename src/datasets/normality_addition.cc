// SPDX-License-Identifier: Apache-2.0
#include "datasets/normality_addition.h"

namespace normadd::datasets {

std::vector<Pair> pairs_of(const Category& category) {
  std::vector<Pair> pairs;
  if (category.defect_types.size() < 2) return pairs;
  for (const auto& type : category.defect_types) pairs.push_back({category.name, type, type == "combined"});
  return pairs;
}

Role role_of(const Sample& sample, const Pair& pair) {
  if (!sample.anomalous()) return Role::kGood;
  return sample.defect_type == pair.added ? Role::kAdded : Role::kRetained;
}

}  // namespace normadd::datasets
