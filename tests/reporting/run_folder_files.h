// SPDX-License-Identifier: Apache-2.0
// A finished run's folder whose metrics.csv follows from its scores.csv, for what reads both.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "core/number_text.h"
#include "core/random.h"
#include "metrics/roc.h"

namespace normadd::test {

struct FolderRun {
  std::vector<std::string> detectors{"patchcore"};
  std::vector<std::string> categories{"bolt", "cloth"};
  std::vector<std::string> types{"bent", "hole"};
  std::string prompts = "described";
  std::string config = "{seed: 0}";
  std::string id = "1a2b";
  double strength = 0.8;  // what the suppression takes from the added type's score
  bool with_control = true;
};

/// Scores with ties; 8 images of each type.
inline void write_run_folder(const std::filesystem::path& folder, const FolderRun& run) {
  core::CsvTable metrics, scores;
  metrics.columns = {"run",    "detector", "dataset", "category", "added",    "prompts",    "clip",
                     "fusion", "seed",     "metric",  "value",    "n_normal", "n_anomalous"};
  scores.columns = {"detector", "category", "image",     "type",         "label_original", "added",
                    "prompts",  "fusion",   "label_new", "score_before", "score_after"};
  for (const auto& detector : run.detectors) {
    const auto metric = [&](const std::string& category, const std::string& added, const std::string& fusion,
                            const std::string& name, double value) {
      metrics.rows.push_back({run.id, detector, "demo", category, added,
                              added.empty() || fusion == "constant" ? "" : run.prompts, "", fusion, "0", name,
                              core::shortest_text(value), "8", "16"});
    };
    for (const auto& category : run.categories) {
      core::RandomStream random(1, detector + category);
      std::vector<std::string> images, types;
      std::vector<double> before;
      std::vector<std::uint8_t> labels;
      std::vector<std::string> all_types{"good"};
      all_types.insert(all_types.end(), run.types.begin(), run.types.end());
      for (const auto& type : all_types) {
        for (int i = 0; i < 8; ++i) {
          images.push_back(fmt::format("{}/{}/{}", category, type, i));
          types.push_back(type);
          labels.push_back(type == "good" ? 0 : 1);
          before.push_back(static_cast<double>(random.index(12)) / 8 + (type == "good" ? 0 : 0.75));
        }
      }
      metric(category, "", "", "image_auroc_original", metrics::image_auroc(before, labels));
      metric(category, "", "", "image_ap_original", metrics::average_precision(before, labels));
      for (const auto& added : run.types) {
        for (const std::string fusion : {"product", "constant"}) {
          if (fusion == "constant" && !run.with_control) continue;
          std::vector<double> after;
          std::vector<std::uint8_t> labels_new;
          for (std::size_t i = 0; i < images.size(); ++i) {
            const bool is_added = types[i] == added;
            after.push_back(before[i] * (fusion == "product" && is_added ? 1 - run.strength : 1));
            labels_new.push_back(labels[i] != 0 && !is_added ? 1 : 0);
            scores.rows.push_back({detector, category, images[i], types[i], labels[i] != 0 ? "1" : "0", added,
                                   fusion == "constant" ? "" : run.prompts, fusion, labels_new[i] != 0 ? "1" : "0",
                                   core::shortest_text(before[i]), core::shortest_text(after[i])});
          }
          const double auroc_before = metrics::image_auroc(before, labels_new),
                       auroc_after = metrics::image_auroc(after, labels_new);
          metric(category, added, fusion, "image_auroc_before", auroc_before);
          metric(category, added, fusion, "image_auroc_after", auroc_after);
          metric(category, added, fusion, "image_auroc_gain", auroc_after - auroc_before);
          metric(category, added, fusion, "collateral", -0.01);
        }
      }
    }
  }
  core::write_csv(folder / "metrics.csv", metrics);
  core::write_csv(folder / "scores.csv", scores);
  core::write_file_atomically(folder / "config.resolved.yaml", run.config);
  core::write_file_atomically(folder / "status.json", R"({"state": "done", "started": "2026-01-01T00:00:00"})");
  core::write_file_atomically(folder / "manifest.json", fmt::format(R"({{"run": "{}"}})", run.id));
}

}  // namespace normadd::test
