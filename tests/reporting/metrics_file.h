// SPDX-License-Identifier: Apache-2.0
// A small metrics.csv: two categories with pairs, one without; two cells.
#pragma once

#include <string>

namespace normadd::test {

inline constexpr const char* kMetricsHeader =
    "run,detector,dataset,category,added,prompts,clip,fusion,seed,metric,value,n_normal,n_anomalous\n";

/// One line; the first fields are always the same.
inline std::string metrics_line(const std::string& category, const std::string& added, const std::string& prompts,
                                const std::string& fusion, const std::string& metric, const std::string& value) {
  return "1a2b,patchcore,demo," + category + "," + added + "," + prompts + ",micro," + fusion + ",0," + metric + "," +
         value + ",20,30\n";
}

inline std::string pair_lines(const std::string& category, const std::string& added, const std::string& prompts,
                              const std::string& fusion, const std::string& before, const std::string& after,
                              const std::string& gain, const std::string& s_good = "0.5") {
  std::string text;
  const auto line = [&](const char* metric, const std::string& value) {
    text += metrics_line(category, added, prompts, fusion, metric, value);
  };
  line("image_auroc_before", before);
  line("image_auroc_after", after);
  line("image_auroc_gain", gain);
  line("collateral", "-0.01");
  line("s_auroc_added", "0.75");
  line("s_auroc_good", s_good);
  line("s_auroc_retained", "0.5");
  return text;
}

inline std::string small_metrics_file() {
  std::string text = kMetricsHeader;
  for (const char* category : {"bolt", "cloth", "brush"}) {
    text += metrics_line(category, "", "", "", "image_auroc_original", category[0] == 'c' ? "0.9" : "1");
    text += metrics_line(category, "", "", "", "pixel_auroc_original", category[1] == 'r' ? "" : "0.98");
  }
  text += pair_lines("bolt", "bent", "described", "product", "0.5", "0.6", "0.1");
  text += pair_lines("bolt", "bent", "", "constant", "0.5", "0.5", "0");
  text += pair_lines("bolt", "combined", "described", "product", "0.6", "0.9", "0.3", "");
  text += pair_lines("bolt", "combined", "", "constant", "0.6", "0.6", "0");
  text += pair_lines("cloth", "hole", "described", "product", "0.7", "0.6", "-0.1");
  text += pair_lines("cloth", "hole", "", "constant", "0.7", "0.7", "0");
  return text;
}

}  // namespace normadd::test
