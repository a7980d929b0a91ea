// SPDX-License-Identifier: Apache-2.0
// Metrics, parameters and tags as bodies of runs/log-batch that keep within the server's limits.
// Source: mlflow/utils/validation.py: at most 1000 metrics, 100 parameters, 100 tags, 1000 of them together, 1 000 000
// bytes; keys of 250 characters, parameters of 6000, tags of 8000 (5000 before 3.0).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace normadd::exports {

inline constexpr std::size_t kLongestMlflowKey = 250, kLongestMlflowParameter = 6000, kLongestMlflowTag = 5000;

struct MlflowEntries {
  std::vector<std::pair<std::string, double>> metrics;  // finite
  std::vector<std::pair<std::string, std::string>> parameters, tags;
};

/// JSON bodies, in this order; empty when there is nothing to say. Keys must fit already (safe_key).
std::vector<std::string> mlflow_batches(const std::string& run_id, const MlflowEntries& entries,
                                        std::int64_t timestamp_ms);

}  // namespace normadd::exports
