// SPDX-License-Identifier: Apache-2.0
// Which metrics the tables show, under which headings, and what their legends say.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "reporting/run_metrics.h"
#include "reporting/table.h"

namespace normadd::reporting {

struct MetricColumn {
  std::string metric;   // name in metrics.csv and in the tables' CSV
  std::string heading;  // for people
  bool is_change = false;
  bool always = true;  // else only where it was measured
  Better better = Better::kHigher;
};

std::span<const MetricColumn> pair_metrics();

/// Image and pixel metrics on the original labels that any of the numbers has, AUPRO under the heading of its
/// definition; image AUROC always.
std::vector<MetricColumn> original_metrics(const std::vector<CategoryNumbers>& numbers);
/// The few of them that a table with other matters has room for: AUROC of images, native scores and pixels, AUPRO.
std::vector<MetricColumn> leading_original_metrics(const std::vector<CategoryNumbers>& numbers);

/// Those that are always shown, and the others where any of the numbers has them.
std::vector<MetricColumn> shown(std::span<const MetricColumn> columns, const std::vector<CategoryNumbers>& numbers);

/// What is known of a metric by its name alone.
MetricColumn metric_column(const std::string& metric);

/// Percent, with a sign for changes.
TableCell metric_cell(const MetricColumn& column, double value);

inline constexpr const char* kGainMetric = "image_auroc_gain";

/// Appends the metric's column; after the gain also gain_low and gain_high, for programs. ranked: its rows compete.
void add_metric_column(Table& table, const MetricColumn& column, bool ranked);
/// Appends as many cells as add_metric_column has columns; interval is used by the gain alone.
void add_metric_cells(TableRow& row, const MetricColumn& column, double value, const GainInterval& interval = {});
/// Explains intervals and stars where the table has any.
void add_interval_legend(Table& table);

inline constexpr const char* kAurocLegend =
    "AUROC x 100. original: ordinary labels; before and after: the added type counts as normal; gain = after - before.";
inline constexpr const char* kSideEffectLegend =
    "collateral: change of AUROC(retained vs good), best 0. S-AUROC: best 100 on added, 50 on good and retained.";

}  // namespace normadd::reporting
