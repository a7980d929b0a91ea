// SPDX-License-Identifier: Apache-2.0
// A run's metrics.csv (docs/architecture.md), grouped the way tables show it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace normadd::reporting {

/// A gain in image AUROC (0-1) and where bootstrapping its images puts 95 % of the replicates (reporting/intervals.h).
/// NaN where it is undefined or was not computed.
struct GainInterval {
  double gain = std::numeric_limits<double>::quiet_NaN();
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();

  bool is_defined() const { return low <= high; }
  bool excludes_zero() const { return low > 0 || high < 0; }
};

/// Numbers of one category: on the original labels, or of one pair in one cell.
struct CategoryNumbers {
  std::string category;
  std::string added;  // empty on the original labels
  /// Shares 0-1 by metric name; NaN where the metric is undefined. A metric that was not measured has no entry.
  std::map<std::string, double> values;
  /// Test images of the widest metric, i.e. of all labels.
  std::size_t num_normal = 0, num_anomalous = 0;
  GainInterval gain_interval;

  /// NaN when it was not measured.
  double value(const std::string& metric) const;
  /// The type mixes several defects; flagged in every table.
  bool is_combined() const { return added == "combined"; }
};

/// All pairs of one (detector, prompts, fusion); prompts is empty where no text takes part.
struct CellNumbers {
  std::string detector, prompts, fusion;
  std::vector<CategoryNumbers> pairs;
  GainInterval pair_mean_interval, category_mean_interval;

  /// No honest addition, but a suppression made to show what a gain is worth.
  bool is_control() const;
};

struct DetectorNumbers {
  std::string detector;
  std::vector<CategoryNumbers> categories;
};

struct RunMetrics {
  std::string run;
  std::string dataset;  // empty in files that do not say
  std::vector<DetectorNumbers> originals;
  std::vector<CellNumbers> cells;
};

/// Everything in the order of the file. Pairs also carry image_auroc_original of their category. Throws DataError
/// naming file and line for a missing column, a value that is no finite number, or a metric given twice.
RunMetrics read_run_metrics(const std::filesystem::path& metrics_csv);

}  // namespace normadd::reporting
