// SPDX-License-Identifier: Apache-2.0
// What the addition gained: pair by pair, against its side effects, and against controls.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reporting/figure_families.h"
#include "reporting/means.h"

namespace normadd::reporting {
namespace {

constexpr const char* kGain = "image_auroc_gain";
constexpr double kPercent = 100, kPairRow_pt = 8.4;

ChartSeries points(const std::string& name, const std::string& colour, const std::string& marker) {
  ChartSeries series;
  series.name = name;
  series.kind = SeriesKind::kPoints;
  series.colour = colour;
  series.marker = marker;
  return series;
}

void add_point(ChartSeries& series, double x, double y, const GainInterval& interval, std::vector<std::string> labels) {
  series.x.push_back(x);
  series.y.push_back(y);
  series.low.push_back(interval.low);
  series.high.push_back(interval.high);
  series.labels.push_back(std::move(labels));
}

Chart gain_chart(const CellNumbers& cell) {
  std::vector<CategoryNumbers> pairs;
  std::copy_if(cell.pairs.begin(), cell.pairs.end(), std::back_inserter(pairs),
               [](const auto& pair) { return !std::isnan(pair.value(kGain)); });
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const auto& a, const auto& b) { return a.value(kGain) > b.value(kGain); });
  Chart chart;
  chart.kind = "gain";
  chart.x = {"gain in image AUROC (percentage points)", kGain, {}, {}, kPercent};
  chart.y = {"", "pair"};
  chart.series_column = "interval";
  chart.label_columns = {"category", "added"};
  ChartSeries surely = points("interval without 0", kAfterColour, "o"), unsure = points("interval with 0", kGrey, "s"),
              unknown = points("without interval", kAfterColour, "o"),
              mean = points("mean over pairs", kVermilion, "D");
  for (const auto& pair : pairs) {
    const auto row = static_cast<double>(chart.y.categories.size());
    chart.y.categories.push_back(fmt::format("{} / {}{}", pair.category, pair.added, pair.is_combined() ? "*" : ""));
    auto& series = !pair.gain_interval.is_defined() ? unknown : pair.gain_interval.excludes_zero() ? surely : unsure;
    add_point(series, pair.value(kGain), row, pair.gain_interval, {pair.category, pair.added});
  }
  add_point(mean, pair_mean(cell.pairs, kGain), static_cast<double>(chart.y.categories.size()), cell.pair_mean_interval,
            {"", ""});
  chart.y.categories.emplace_back("mean");
  ChartPanel panel{"", {}};
  for (auto* series : {&surely, &unsure, &unknown, &mean}) {
    if (!series->x.empty()) panel.series.push_back(std::move(*series));
  }
  panel.guides.push_back({Guide::Kind::kVertical, 0, ""});
  chart.panels.push_back(std::move(panel));
  chart.panel_height_pt = kPairRow_pt * static_cast<double>(chart.y.categories.size());
  return chart;
}

/// A point for each pair, a series for each subject.
ChartPanel pair_panel(const std::vector<FigureSubject>& subjects) {
  ChartPanel panel{"", {}};
  for (std::size_t s = 0; s < subjects.size(); ++s) {
    const auto style = series_style(s);
    ChartSeries series = points(subjects[s].label, style.colour, style.marker);
    for (const auto& pair : subjects[s].cell->pairs) {
      series.x.push_back(pair.value("collateral"));
      series.y.push_back(pair.value(kGain));
      series.labels.push_back({pair.category, pair.added});
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

/// A point for each cell that is no control, a series for each detector.
ChartPanel cell_panel(const FigureSource& source) {
  ChartPanel panel{"", {}};
  for (const auto& cell : source.cells) {
    if (cell.numbers.is_control()) continue;
    const auto found = std::find_if(panel.series.begin(), panel.series.end(),
                                    [&](const auto& one) { return one.name == cell.numbers.detector; });
    const auto style = series_style(static_cast<std::size_t>(found - panel.series.begin()));
    auto& series = found != panel.series.end()
                       ? *found
                       : panel.series.emplace_back(points(cell.numbers.detector, style.colour, style.marker));
    series.x.push_back(pair_mean(cell.numbers.pairs, "collateral"));
    series.y.push_back(pair_mean(cell.numbers.pairs, kGain));
    series.labels.push_back(cell.settings);
  }
  return panel;
}

}  // namespace

Figures gain_figures(const FigureSource& source) {
  Figures figures;
  for (const auto& subject : source.leading) {
    const Chart chart = gain_chart(*subject.cell);
    if (chart.y.categories.size() < 2) continue;
    const bool has_intervals = subject.cell->pair_mean_interval.is_defined();
    figures.push_back(figure_of(
        figure_name("gain", subject, source.leading), "Gain per pair" + of_subject(subject, source.leading),
        fmt::format("{}, {}: image AUROC on the new labels, after minus before, of every pair, largest first.{}",
                    subject.label, cell_words(*subject.cell),
                    has_intervals ? " Whiskers: 95 % bootstrap interval over test images." : ""),
        chart));
  }
  return figures;
}

Figures collateral_figures(const FigureSource& source) {
  Chart chart;
  chart.kind = "collateral";
  chart.x = {"collateral: change of AUROC(retained vs good), points", "collateral", {}, {}, kPercent};
  chart.y = {"gain in image AUROC (points)", kGain, {}, {}, kPercent};
  chart.series_column = "detector";
  const bool by_pair = !source.leading.empty();
  chart.panels.push_back(by_pair ? pair_panel(source.leading) : cell_panel(source));
  if (chart.panels[0].series.empty()) return {};
  chart.label_columns = by_pair ? std::vector<std::string>{"category", "added"} : source.keys;
  if (!by_pair) {
    // Series and labels would name it twice.
    chart.series_column = "series";
  }
  chart.panels[0].guides = {{Guide::Kind::kVertical, 0, ""}, {Guide::Kind::kHorizontal, 0, ""}};
  return {figure_of("collateral", "Gain and collateral damage",
                    fmt::format("What an addition gains on its new labels, and what it costs (left of 0) in telling "
                                "the other defects from good "
                                "images. A point for each {}.",
                                by_pair ? "pair" : "configuration: means over its pairs"),
                    chart)};
}

Figures control_figures(const FigureSource& source) {
  if (source.listing.runs.size() != 1) return {};
  const auto has_control = [](const FigureCell& cell) { return cell.numbers.is_control(); };
  if (std::none_of(source.cells.begin(), source.cells.end(), has_control)) return {};
  Chart chart;
  chart.kind = "controls";
  chart.x = {"mean gain in image AUROC (percentage points)", kGain, {}, {}, kPercent};
  chart.y = {"", "suppression"};
  chart.series_column = "detector";
  chart.label_columns = {"prompts", "fusion"};
  ChartPanel panel{"", {}};
  std::string first_prompts;
  for (const bool controls : {false, true}) {
    for (const auto& cell : source.cells) {
      if (cell.numbers.is_control() != controls) continue;
      // A control of each prompt set would show the same three times.
      if (first_prompts.empty()) first_prompts = cell.numbers.prompts;
      if (controls && !cell.numbers.prompts.empty() && cell.numbers.prompts != first_prompts) continue;
      const std::string row =
          controls ? cell.numbers.fusion : fmt::format("{}, {}", cell.numbers.prompts, cell.numbers.fusion);
      auto& rows = chart.y.categories;
      const auto place = std::find(rows.begin(), rows.end(), row) - rows.begin();
      if (place == static_cast<std::ptrdiff_t>(rows.size())) rows.push_back(row);
      const auto known = std::find_if(panel.series.begin(), panel.series.end(),
                                      [&](const auto& one) { return one.name == cell.numbers.detector; });
      const auto style = series_style(static_cast<std::size_t>(known - panel.series.begin()));
      auto& series = known != panel.series.end()
                         ? *known
                         : panel.series.emplace_back(points(cell.numbers.detector, style.colour, style.marker));
      add_point(series, pair_mean(cell.numbers.pairs, kGain), static_cast<double>(place),
                cell.numbers.pair_mean_interval, {cell.numbers.prompts, cell.numbers.fusion});
    }
  }
  const auto count = static_cast<double>(panel.series.size());
  for (std::size_t s = 0; s < panel.series.size(); ++s) {
    panel.series[s].shift = (static_cast<double>(s) - (count - 1) / 2) * 0.75 / count;
  }
  panel.guides.push_back({Guide::Kind::kVertical, 0, ""});
  chart.panels.push_back(std::move(panel));
  chart.panel_height_pt = static_cast<double>(chart.y.categories.size()) * std::max(10.0, 4.6 * count);
  return {figure_of("controls", "Gains and controls",
                    "Mean gain over pairs, with 95 % bootstrap intervals over test images. A gain counts only where "
                    "'constant', 'random' and "
                    "'shuffled_prompts', which know nothing of the added type, have none; 'wrong_object' and 'oracle' "
                    "(the true regions) "
                    "are for diagnosis. Controls of the first prompt set.",
                    chart)};
}

Figures before_after_figures(const FigureSource& source) {
  if (source.leading.size() < 2) return {};
  Chart chart;
  chart.kind = "before_after";
  chart.x = {"image AUROC on the new labels (%)", "image_auroc", {}, {}, kPercent};
  chart.y = {"", "detector"};
  chart.series_column = "labels";
  ChartSeries before = points("before", kBeforeColour, "s"), after = points("after", kAfterColour, "o");
  for (const auto& subject : source.leading) {
    const auto row = static_cast<double>(chart.y.categories.size());
    chart.y.categories.push_back(subject.label);
    for (auto* series : {&before, &after}) series->y.push_back(row);
    before.x.push_back(pair_mean(subject.cell->pairs, "image_auroc_before"));
    after.x.push_back(pair_mean(subject.cell->pairs, "image_auroc_after"));
  }
  chart.panels.push_back({"", {before, after}});
  chart.panel_height_pt = 13 * static_cast<double>(chart.y.categories.size());
  return {figure_of("before_after", "Detectors before and after",
                    fmt::format("Mean image AUROC over pairs on the new labels, before and after the addition ({}).",
                                cell_words(*source.leading.front().cell)),
                    chart)};
}

}  // namespace normadd::reporting
