// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/number_text.h"
#include "reporting/chart.h"
#include "reporting/chart_place.h"
#include "reporting/escaping.h"

namespace normadd::reporting {
namespace {

using Json = nlohmann::ordered_json;

std::string number(double value) { return std::isfinite(value) ? core::shortest_text(value) : ""; }

/// Which optional columns a chart's points need.
struct Layout {
  bool has_high_edges = false, has_intervals = false, is_categorical = false;

  explicit Layout(const Chart& chart) : is_categorical(!chart.y.categories.empty()) {
    for (const auto& panel : chart.panels) {
      is_categorical = is_categorical || !y_axis(chart, panel).categories.empty();
      for (const auto& series : panel.series) {
        has_high_edges = has_high_edges || !series.x_high.empty();
        has_intervals = has_intervals || !series.low.empty();
      }
    }
  }
};

std::string y_text(const ChartAxis& axis, const ChartSeries& series, std::size_t i) {
  if (axis.categories.empty()) return number(series.y[i]);
  const bool in_row = series.kind == SeriesKind::kBins;
  return axis.categories.at(in_row ? series.row : static_cast<std::size_t>(series.y[i]));
}

void add_rows(const Chart& chart, const ChartPanel& panel, const ChartSeries& series, const Layout& layout,
              core::CsvTable& table) {
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    auto& row = table.rows.emplace_back();
    if (!chart.panel_column.empty()) row.push_back(panel.title);
    if (!chart.series_column.empty()) row.push_back(series.name);
    for (std::size_t l = 0; l < chart.label_columns.size(); ++l)
      row.push_back(series.labels.empty() ? "" : series.labels[i].at(l));
    row.push_back(number(series.x[i]));
    if (layout.has_high_edges) row.push_back(series.x_high.empty() ? "" : number(series.x_high[i]));
    row.push_back(y_text(y_axis(chart, panel), series, i));
    if (!chart.bin_column.empty()) row.push_back(series.kind == SeriesKind::kBins ? number(series.y[i]) : "");
    if (layout.has_intervals) {
      row.push_back(series.low.empty() ? "" : number(series.low[i]));
      row.push_back(series.high.empty() ? "" : number(series.high[i]));
    }
  }
}

void add_guides(const Chart& chart, const ChartPanel& panel, core::CsvTable& table) {
  for (const auto& guide : panel.guides) {
    if (guide.name.empty()) continue;
    auto& row = table.rows.emplace_back(table.columns.size());
    if (!chart.panel_column.empty()) row[0] = panel.title;
    if (!chart.series_column.empty()) row[table.column(chart.series_column)] = guide.name;
    row[table.column(guide.kind == Guide::Kind::kVertical ? chart.x.column : chart.y.column)] = number(guide.at);
  }
}

Json axis_json(const ChartAxis& axis, const Range& range, const std::vector<double>& ticks,
               const std::vector<std::string>& texts) {
  Json json{{"label", axis.label}, {"column", axis.column}, {"low", range.low}, {"high", range.high}};
  if (axis.categories.empty()) {
    json["ticks"] = ticks;
    json["tick_texts"] = texts;
  } else {
    json["categories"] = axis.categories;
  }
  return json;
}

constexpr const char* kKinds[] = {"line", "step", "points", "bars", "bins"};
constexpr const char* kGuideKinds[] = {"vertical", "horizontal", "diagonal"};

Json series_json(const ChartSeries& series) {
  return {{"name", series.name},
          {"kind", kKinds[static_cast<int>(series.kind)]},
          {"points", series.x.size()},
          {"colour", series.colour},
          {"dash", series.dash},
          {"marker", series.marker},
          {"width_pt", series.width_pt},
          {"filled", series.filled},
          {"legend", series.in_legend},
          {"shows_markers", series.shows_markers},
          {"row", series.row},
          {"shift", series.shift},
          {"thickness", series.thickness}};
}

/// In points from the upper left corner.
Json legend_json(const ChartPlace& place) {
  Json json = Json::array();
  const auto add = [&](const LegendEntry& entry) -> Json& {
    return json.emplace_back(Json{{"words", entry.words},
                                  {"left_pt", entry.left},
                                  {"baseline_pt", entry.baseline},
                                  {"sign_width_pt", entry.sign_width}});
  };
  for (const auto& entry : place.legend) add(entry)["series"] = series_json(*entry.series);
  for (const auto& guide : place.guides) add(guide.second);
  return json;
}

Json labels_json(const ChartPlace& place) {
  Json json = Json::array();
  for (const auto& label : place.labels) {
    json.push_back({{"words", label.words}, {"x_pt", label.x}, {"y_pt", label.y}, {"upright", label.upright}});
  }
  return json;
}

}  // namespace

core::CsvTable chart_points(const Chart& chart) {
  const Layout layout(chart);
  core::CsvTable table;
  for (const auto& column : {chart.panel_column, chart.series_column}) {
    if (!column.empty()) table.columns.push_back(column);
  }
  table.columns.insert(table.columns.end(), chart.label_columns.begin(), chart.label_columns.end());
  table.columns.push_back(chart.x.column);
  if (layout.has_high_edges) table.columns.push_back(chart.x.column + "_high");
  table.columns.push_back(chart.y.column);
  if (!chart.bin_column.empty()) table.columns.push_back(chart.bin_column);
  const std::string& value = layout.is_categorical ? chart.x.column : chart.y.column;
  if (layout.has_intervals) {
    table.columns.push_back(value + "_low");
    table.columns.push_back(value + "_high");
  }
  for (const auto& panel : chart.panels) {
    for (const auto& series : panel.series) add_rows(chart, panel, series, layout, table);
    add_guides(chart, panel, table);
  }
  return table;
}

std::string chart_drawing(const Chart& chart) {
  const ChartPlace place = place_of(chart);
  constexpr double kPointsPerInch = 72;
  Json json{{"kind", chart.kind},
            {"width_in", chart.width_in},
            {"height_in", place.height / kPointsPerInch},
            {"columns", chart.columns},
            {"panel_column", chart.panel_column},
            {"series_column", chart.series_column},
            {"bin_column", chart.bin_column},
            {"x_label", chart.x.label},
            {"y_label", chart.y.label},
            {"x_column", chart.x.column},
            {"y_column", chart.y.column},
            {"legend", legend_json(place)},
            {"labels", labels_json(place)},
            {"panels", Json::array()}};
  for (std::size_t p = 0; p < chart.panels.size(); ++p) {
    const ChartPanel& panel = chart.panels[p];
    const PanelPlace& one = place.panels[p];
    const ChartAxis &x = x_axis(chart, panel), &y = y_axis(chart, panel);
    const auto x_at = x_ticks(chart, p, one);
    const auto y_at = one.has_categories ? std::vector<double>() : y_ticks(chart, p, one);
    Json entry{{"title", panel.title},
               {"title_text", panel_title(panel, one)},
               {"left", one.left / place.width},
               {"bottom", 1 - one.bottom() / place.height},
               {"width", one.width / place.width},
               {"height", one.height / place.height},
               {"shows_x_ticks", shows_x_ticks(chart, p)},
               {"shows_y_ticks", shows_y_ticks(chart, p)},
               {"x", axis_json(x, one.x, x_at, texts_of(x, x_at))},
               {"y", axis_json(y, one.y, y_at, texts_of(y, y_at))},
               {"series", Json::array()},
               {"guides", Json::array()}};
    if (one.has_categories) entry["y"]["category_texts"] = category_texts(chart, y);
    for (const auto& series : panel.series) entry["series"].push_back(series_json(series));
    for (const auto& guide : panel.guides) {
      entry["guides"].push_back(
          {{"kind", kGuideKinds[static_cast<int>(guide.kind)]}, {"at", guide.at}, {"name", guide.name}});
    }
    json["panels"].push_back(std::move(entry));
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Figure figure_of(const std::string& name, const std::string& title, const std::string& caption, const Chart& chart) {
  return {file_name_text(name), title, caption, svg_text(chart, title), chart_points(chart), chart_drawing(chart)};
}

}  // namespace normadd::reporting
