// SPDX-License-Identifier: Apache-2.0
// Folders of small finished runs, as 'normadd run' leaves them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "reporting/run_listing.h"

namespace normadd::test {

/// Not a real picture, but enough of one: 3 x 2, and bytes that must arrive.
inline std::string small_png() {
  return std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\3\0\0\0\2\x08\2\0\0\0", 29) + "pixels\n\xff";
}

struct SmallRun {
  std::string id = "0123456789abcdef0123456789abcdef";
  std::string state = "done";
  std::string started = "2026-11-25T18:13:56+0000";
  std::string detector = "patchcore";
  std::string category = "bolt", added = "bent";
  double auroc = 0.5;
  int num_more_metrics = 0;
  std::string more_configuration = {};

  void write(const std::filesystem::path& folder) const {
    using core::write_file_atomically;
    write_file_atomically(folder / "status.json", "{\"state\": \"" + state + "\", \"started\": \"" + started +
                                                      "\", \"seconds\": 2.5, \"host\": \"n1\", \"process\": 7}\n");
    write_file_atomically(folder / "manifest.json",
                          "{\"run\": \"01234567\", \"identity\": \"" + id +
                              "\", \"program_version\": \"0.1.0\", \"git_commit\": \"abc\", \"data_hash\": \"d0\"}\n");
    write_file_atomically(folder / "config.resolved.yaml",
                          "dataset:\n  name: demo\ndetector:\n  name: " + detector +
                              "\n  shots: null\n  taps: [1, 2]\n  exact: true\n  ratio: 0.1\nseed: 3\n" +
                              more_configuration);
    write_file_atomically(folder / ".hydra" / "config.yaml", "seed: 3\n");
    core::write_csv(folder / "metrics.csv", metrics());
    core::write_csv(folder / "scores.csv", scores());
    write_file_atomically(folder / "tables" / "summary.md", "| a |\n");
    const auto panel = folder / "images" / (category + "_" + added + ".png");
    if (panel.parent_path() == folder / "images") write_file_atomically(panel, small_png());
  }

  core::CsvTable metrics() const {
    core::CsvTable table;
    table.columns = {"run",    "detector", "dataset", "category", "added",    "prompts",    "clip",
                     "fusion", "seed",     "metric",  "value",    "n_normal", "n_anomalous"};
    const auto add = [&](const std::string& pair, const std::string& fusion, const std::string& metric,
                         const std::string& value) {
      table.rows.push_back({"01234567", detector, "demo", category, pair, fusion == "product" ? "described" : "",
                            "micro", fusion, "3", metric, value, "2", "2"});
    };
    const std::string value = std::to_string(auroc);
    add("", "", "image_auroc_original", value);
    add("", "", "pixel_auroc_original", "");
    add(added, "product", "image_auroc_gain", "0.25");
    add(added, "constant", "image_auroc_gain", "0");
    for (int i = 0; i < num_more_metrics; ++i) add("", "", "extra_" + std::to_string(i), "0.5");
    return table;
  }

  core::CsvTable scores() const {
    core::CsvTable table;
    table.columns = {"detector", "category", "image",     "type",         "label_original", "added",
                     "prompts",  "fusion",   "label_new", "score_before", "score_after"};
    const auto add = [&](const std::string& image, const std::string& label, const std::string& score) {
      for (const char* fusion : {"product", "constant"}) {
        table.rows.push_back({detector, category, image, label == "0" ? "good" : added, label, added, "described",
                              fusion, "0", score, score});
      }
    };
    add("good/0", "0", "1");
    add("good/1", "0", "3");
    add("bent/0", "1", "2");
    add("bent/1", "1", "4");
    return table;
  }

  reporting::ListedRun listed(const std::filesystem::path& folder) const {
    write(folder);
    return reporting::list_runs({folder}).runs.at(0);
  }
};

}  // namespace normadd::test
