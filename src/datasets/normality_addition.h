// SPDX-License-Identifier: Apache-2.0
// Normality-addition splits: which (category, added type) pairs exist and what the labels become.
// Source: arXiv 2407.19849, protocol: good + added type = normal, every other defect type (retained) = anomalous.
#pragma once

#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace normadd::datasets {

struct Pair {
  std::string category;
  std::string added;
  bool combined = false;  // the type mixes several defects: flagged in every table
  bool operator==(const Pair&) const = default;
};

enum class Role { kGood, kAdded, kRetained };

/// All pairs of a category; none when it has fewer than two defect types (no retained images would remain).
std::vector<Pair> pairs_of(const Category& category);

Role role_of(const Sample& sample, const Pair& pair);
/// Label on the new labels: true = anomalous.
inline bool is_anomalous_after(Role role) { return role == Role::kRetained; }

}  // namespace normadd::datasets
