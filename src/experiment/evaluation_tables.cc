// SPDX-License-Identifier: Apache-2.0
#include "experiment/evaluation_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "metrics/aupro_options.h"
#include "reporting/means.h"

namespace normadd::experiment {
namespace {

using Numbers = std::vector<reporting::CategoryNumbers>;

double number_of(const std::string& text) {
  double number = std::numeric_limits<double>::quiet_NaN();
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Which rows belong together in one table, and their values.
struct Grouped {
  Numbers categories, types, pairs;  // of a type's numbers, "added" is the type
};

reporting::CategoryNumbers& numbers_of(Numbers& all, const std::string& category, const std::string& part) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto& one) { return one.category == category && one.added == part; });
  if (found != all.end()) return *found;
  auto& made = all.emplace_back();
  made.category = category;
  made.added = part;
  return made;
}

Grouped grouped(const core::CsvTable& metrics) {
  const std::size_t category = metrics.column("category"), added = metrics.column("added"),
                    metric = metrics.column("metric"), value = metrics.column("value"),
                    normal = metrics.column("n_normal"), anomalous = metrics.column("n_anomalous");
  Grouped groups;
  for (const auto& row : metrics.rows) {
    const std::size_t slash = row[metric].find('/');
    const std::string name = row[metric].substr(0, slash);
    auto& numbers = !row[added].empty() ? numbers_of(groups.pairs, row[category], row[added])
                    : slash == std::string::npos
                        ? numbers_of(groups.categories, row[category], "")
                        : numbers_of(groups.types, row[category], row[metric].substr(slash + 1));
    numbers.values.emplace(name, number_of(row[value]));
    if (name.rfind("image_auroc_", 0) == 0) {
      numbers.num_normal = static_cast<std::size_t>(number_of(row[normal]));
      numbers.num_anomalous = static_cast<std::size_t>(number_of(row[anomalous]));
    }
  }
  return groups;
}

struct MetricHeading {
  std::string metric, heading;
};

/// Those of the known metrics that were measured, in the order of the tables.
std::vector<MetricHeading> measured(const Numbers& numbers, bool anomalous_only) {
  std::vector<MetricHeading> found;
  const auto add = [&](const std::string& metric, const std::string& heading) {
    const bool known = std::any_of(found.begin(), found.end(), [&](const auto& one) { return one.metric == metric; });
    const bool has =
        std::any_of(numbers.begin(), numbers.end(), [&](const auto& one) { return one.values.count(metric) > 0; });
    if (has && !known) found.push_back({metric, heading});
  };
  const std::pair<const char*, const char*> kinds[] = {{"auroc", "AUROC"}, {"ap", "AP"}, {"f1max", "F1-max"}};
  const std::string only = anomalous_only ? "_anomalous" : "";
  for (const char* ending : {"original", "before", "after"}) {
    if (!anomalous_only) {
      for (const auto& [kind, text] : kinds)
        add(fmt::format("image_{}_{}", kind, ending), fmt::format("image {}", text));
      for (const auto& [kind, text] : kinds) {
        add(fmt::format("image_{}_{}_native", kind, ending), fmt::format("native {}", text));
      }
    }
    for (const auto& [kind, text] : kinds) {
      add(fmt::format("pixel_{}_{}{}", kind, ending, only), fmt::format("pixel {}", text));
    }
    const std::string end = fmt::format("_{}{}", ending, only);
    for (const auto& one : numbers) {
      for (const auto& [metric, unused] : one.values) {
        if (!metric.ends_with(end)) continue;
        const auto options = metrics::parse_aupro_name(metric.substr(0, metric.size() - end.size()));
        if (options) add(metric, metrics::aupro_heading(*options));
      }
    }
  }
  return found;
}

using Mean = double (*)(const Numbers&, const std::string&);

void add_mean(reporting::Table& table, std::vector<reporting::TableCell> first,
              const std::vector<MetricHeading>& metrics, const Numbers& numbers, Mean mean) {
  reporting::TableRow row{std::move(first), true};
  for (const auto& metric : metrics) row.cells.push_back(reporting::percent_cell(mean(numbers, metric.metric)));
  row.cells.resize(table.columns.size());
  table.rows.push_back(std::move(row));
}

/// part: what the rows of a category are, "" when there is one each.
reporting::Table table_of(const std::string& title, const std::string& part, const Numbers& numbers,
                          bool anomalous_only) {
  const auto metrics = measured(numbers, anomalous_only);
  reporting::Table table;
  table.title = title;
  table.columns.push_back({"category", "category", false, true});
  if (!part.empty()) table.columns.push_back({part, part, false});
  for (const auto& metric : metrics) table.columns.push_back({metric.metric, metric.heading});
  table.columns.push_back({"", "images"});
  for (const auto& one : numbers) {
    reporting::TableRow row{{reporting::word_cell(one.category)}, false};
    if (!part.empty()) row.cells.push_back({one.is_combined() ? one.added + "*" : one.added, one.added});
    for (const auto& metric : metrics) row.cells.push_back(reporting::percent_cell(one.value(metric.metric)));
    row.cells.push_back(reporting::word_cell(fmt::format("{}+{}", one.num_normal, one.num_anomalous)));
    table.rows.push_back(std::move(row));
  }
  if (part.empty()) {
    add_mean(table, {reporting::word_cell("mean (macro)")}, metrics, numbers, reporting::category_mean);
  } else {
    add_mean(table, {reporting::word_cell("mean"), reporting::word_cell("all rows")}, metrics, numbers,
             reporting::pair_mean);
    add_mean(table, {reporting::word_cell("mean (macro)"), reporting::word_cell("of categories")}, metrics, numbers,
             reporting::category_mean);
  }
  table.notes.emplace_back(
      "x 100. images: normal + anomalous. image: score = map maximum. macro: every category counts the same.");
  if (std::any_of(numbers.begin(), numbers.end(), [](const auto& one) { return one.is_combined(); })) {
    table.notes.emplace_back("* mixes several defects.");
  }
  return table;
}

reporting::Table threshold_table(const std::string& name, const Numbers& numbers,
                                 const std::vector<CategoryThreshold>& thresholds) {
  const bool tuned =
      std::any_of(thresholds.begin(), thresholds.end(), [](const auto& one) { return one.threshold.tuned_on_test; });
  const std::vector<MetricHeading> kinds{{"image_f1", "F1"},
                                         {"image_accuracy", "accuracy"},
                                         {"image_precision", "precision"},
                                         {"image_recall", "recall"},
                                         {"image_fpr", "false alarms"}};
  reporting::Table table;
  table.title = fmt::format("{}: image decisions at a threshold{}", name, tuned ? " tuned on TEST (!)" : "");
  table.columns = {{"category", "category", false}, {"threshold", "threshold"}};
  for (const auto& kind : kinds) table.columns.push_back({kind.metric, kind.heading});
  table.columns.push_back({"origin", "threshold from", false});
  for (const auto& [category, threshold] : thresholds) {
    const auto found =
        std::find_if(numbers.begin(), numbers.end(), [&](const auto& one) { return one.category == category; });
    const std::string ending = threshold.tuned_on_test ? "_original_tuned_on_test" : "_original";
    reporting::TableRow row{{reporting::word_cell(category)}, false};
    row.cells.push_back(
        reporting::word_cell(fmt::format("{:.4g}{}", threshold.value, threshold.tuned_on_test ? " !" : "")));
    for (const auto& kind : kinds) {
      const double value = found != numbers.end() ? found->value(kind.metric + ending) : number_of("");
      row.cells.push_back(reporting::percent_cell(value));
    }
    row.cells.push_back(reporting::word_cell(threshold.origin));
    table.rows.push_back(std::move(row));
  }
  table.notes.emplace_back(
      "x 100. score (map maximum) >= threshold: anomalous. false alarms: share of the good images.");
  if (tuned)
    table.notes.emplace_back("! chosen on the test set itself: these numbers flatter and compare with no others.");
  return table;
}

}  // namespace

std::vector<reporting::Table> evaluation_tables(const core::CsvTable& metrics, const std::string& name,
                                                const std::vector<CategoryThreshold>& thresholds) {
  const Grouped groups = grouped(metrics);
  std::vector<reporting::Table> tables;
  if (!groups.categories.empty()) {
    tables.push_back(table_of(name + " on the original labels", "", groups.categories, false));
    if (!measured(groups.categories, true).empty()) {
      tables.push_back(table_of(name + ", pixels of anomalous images only", "", groups.categories, true));
    }
  }
  if (!groups.types.empty()) {
    tables.push_back(table_of(name + ", each defect type against good", "type", groups.types, false));
  }
  if (!groups.pairs.empty()) {
    tables.push_back(
        table_of(name + " on the new labels: the added type counts as normal", "added", groups.pairs, false));
  }
  if (!thresholds.empty()) tables.push_back(threshold_table(name, groups.categories, thresholds));
  return tables;
}

double macro_mean(const core::CsvTable& metrics, const std::string& metric) {
  return reporting::category_mean(grouped(metrics).categories, metric);
}

}  // namespace normadd::experiment
