// SPDX-License-Identifier: Apache-2.0
// A run's scores.csv and the metrics.csv that follows from it, drawn at random.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "core/csv.h"
#include "core/number_text.h"
#include "core/random.h"
#include "metrics/roc.h"

namespace normadd::test {

struct ScoredRun {
  core::CsvTable scores, metrics;
};

struct ScoredRunOptions {
  std::vector<std::string> detectors{"patchcore", "padim"};
  std::vector<std::string> categories{"bolt", "cloth"};
  std::vector<std::string> types{"bent", "hole", "combined"};  // in every category; each is added in turn
  std::vector<std::string> prompts{"described"};
  bool with_controls = true;  // a random one, and one that changes nothing
  std::size_t num_good = 12, num_of_type = 7;
};

/// Anomalous images score higher by one standard deviation; addition takes most of that away from the added type.
/// Scores are rounded, so that some tie.
inline ScoredRun scored_run(const ScoredRunOptions& options = {}) {
  core::RandomStream random(11, "scored run");
  const auto rounded = [](double score) { return static_cast<double>(static_cast<int>(score * 20)) / 20; };
  ScoredRun run;
  run.scores.columns = {"detector", "category", "image",     "type",         "label_original", "added",
                        "prompts",  "fusion",   "label_new", "score_before", "score_after"};
  run.metrics.columns = {"run",    "detector", "dataset", "category", "added",    "prompts",    "clip",
                         "fusion", "seed",     "metric",  "value",    "n_normal", "n_anomalous"};
  for (const auto& detector : options.detectors) {
    for (const auto& category : options.categories) {
      std::vector<std::string> types(options.num_good, "good");
      for (const auto& type : options.types) types.insert(types.end(), options.num_of_type, type);
      std::vector<double> before;
      std::vector<std::uint8_t> original;
      for (const auto& type : types) {
        original.push_back(type == "good" ? 0 : 1);
        before.push_back(rounded(random.normal() + 1.5 * original.back()));
      }
      const auto add_metric = [&](const std::string& added, const std::string& prompts, const std::string& fusion,
                                  const std::string& metric, double value) {
        run.metrics.rows.push_back({"1a2b3c4d", detector, "demo", category, added, prompts, "micro", fusion, "0", metric,
                                    core::shortest_text(value), "20", "30"});
      };
      add_metric("", "", "", "image_auroc_original", metrics::image_auroc(before, original));
      struct CellName {
        std::string prompts, fusion;
      };
      std::vector<CellName> cells;
      for (const auto& prompts : options.prompts) cells.push_back({prompts, "product"});
      if (options.with_controls) cells.push_back({"", "constant"});
      if (options.with_controls) cells.push_back({"described", "random"});
      for (const auto& added : options.types) {
        for (const auto& cell : cells) {
          std::vector<double> after;
          std::vector<std::uint8_t> labels;
          for (std::size_t i = 0; i < types.size(); ++i) {
            labels.push_back(original[i] != 0 && types[i] != added ? 1 : 0);
            double score = before[i];
            if (cell.fusion == "product" && types[i] == added) score -= 1.2 * random.uniform();
            if (cell.fusion == "random") score += 0.1 * random.normal();
            after.push_back(rounded(score));
            run.scores.rows.push_back({detector, category, fmt::format("{}/test/{}/{:03}.png", category, types[i], i),
                                       types[i], original[i] != 0 ? "1" : "0", added, cell.prompts, cell.fusion,
                                       labels[i] != 0 ? "1" : "0", core::shortest_text(before[i]),
                                       core::shortest_text(after[i])});
          }
          const double low = metrics::image_auroc(before, labels), high = metrics::image_auroc(after, labels);
          add_metric(added, cell.prompts, cell.fusion, "image_auroc_before", low);
          add_metric(added, cell.prompts, cell.fusion, "image_auroc_after", high);
          add_metric(added, cell.prompts, cell.fusion, "image_auroc_gain", high - low);
          for (const char* metric : {"collateral", "s_auroc_added", "s_auroc_good", "s_auroc_retained"}) {
            add_metric(added, cell.prompts, cell.fusion, metric, random.uniform());
          }
        }
      }
    }
  }
  return run;
}

}  // namespace normadd::test
