// SPDX-License-Identifier: Apache-2.0
// Gain against one setting after the other: curves over numbers, bars over names.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "reporting/escaping.h"
#include "reporting/figure_families.h"
#include "reporting/means.h"

namespace normadd::reporting {
namespace {

constexpr const char* kGain = "image_auroc_gain";
constexpr const char* kPrecision = "Mean over pairs and over all other settings";
constexpr double kPercent = 100;

std::optional<double> number_of(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
    return std::nullopt;
  return number;
}

/// The gains of some cells that a figure shows as one.
struct Pooled {
  std::vector<const FigureCell*> cells;

  double mean() const {
    double sum = 0;
    std::size_t count = 0;
    for (const auto* cell : cells) {
      const double value = pair_mean(cell->numbers.pairs, kGain);
      if (std::isnan(value)) continue;
      sum += value;
      ++count;
    }
    return count > 0 ? sum / static_cast<double>(count) : std::nan("");
  }
  /// Of a single cell the bootstrap's; of cells that differ in their seed alone, mean and standard deviation.
  std::pair<double, double> interval() const {
    if (cells.size() == 1) return {cells[0]->numbers.pair_mean_interval.low, cells[0]->numbers.pair_mean_interval.high};
    const bool seeds_only =
        std::all_of(cells.begin(), cells.end(), [&](const auto* cell) { return cell->settings == cells[0]->settings; });
    if (!seeds_only) return {std::nan(""), std::nan("")};
    double squares = 0;
    for (const auto* cell : cells) squares += std::pow(pair_mean(cell->numbers.pairs, kGain) - mean(), 2);
    const double deviation = std::sqrt(squares / static_cast<double>(cells.size() - 1));
    return {mean() - deviation, mean() + deviation};
  }
};

void add_value(ChartSeries& series, double place, const Pooled& pooled, bool on_categories) {
  const auto [low, high] = pooled.interval();
  (on_categories ? series.x : series.y).push_back(pooled.mean());
  (on_categories ? series.y : series.x).push_back(place);
  series.low.push_back(low);
  series.high.push_back(high);
  series.labels.push_back({std::to_string(pooled.cells.size())});
}

std::vector<const FigureCell*> honest_cells(const FigureSource& source) {
  std::vector<const FigureCell*> cells;
  for (const auto& cell : source.cells) {
    if (!cell.numbers.is_control()) cells.push_back(&cell);
  }
  return cells;
}

std::vector<std::string> distinct(const std::vector<const FigureCell*>& cells, std::size_t key) {
  std::vector<std::string> values;
  for (const auto* cell : cells) {
    if (std::find(values.begin(), values.end(), cell->settings[key]) == values.end())
      values.push_back(cell->settings[key]);
  }
  return values;
}

/// Whether two keys tell the same cells apart, or the later one says no more than the earlier.
bool follows(const std::vector<const FigureCell*>& cells, std::size_t later, std::size_t earlier) {
  std::map<std::string, std::string> value_of;
  return std::all_of(cells.begin(), cells.end(), [&](const auto* cell) {
    return value_of.emplace(cell->settings[earlier], cell->settings[later]).first->second == cell->settings[later];
  });
}

/// The keys worth a figure: with several values, and not told by an earlier one.
std::vector<std::size_t> telling_keys(const FigureSource& source, const std::vector<const FigureCell*>& cells) {
  std::vector<std::size_t> kept;
  for (std::size_t key = 0; key < source.keys.size(); ++key) {
    if (distinct(cells, key).size() < 2) continue;
    if (std::none_of(kept.begin(), kept.end(), [&](std::size_t earlier) { return follows(cells, key, earlier); }))
      kept.push_back(key);
  }
  return kept;
}

/// The key whose values are the series of the others' figures: the detector, unless it is the one shown.
std::optional<std::size_t> series_key(const FigureSource& source, const std::vector<std::size_t>& keys,
                                      std::size_t shown, const std::vector<const FigureCell*>& cells) {
  for (const std::size_t key : keys) {
    if (key != shown && source.keys[key] == "detector" && distinct(cells, key).size() <= kMostSubjects) return key;
  }
  return std::nullopt;
}

struct Split {
  std::vector<std::string> names;  // one, empty, when nothing splits
  std::vector<std::vector<const FigureCell*>> cells;
};

Split split_by(const std::vector<const FigureCell*>& cells, std::optional<std::size_t> key) {
  if (!key) return {{""}, {cells}};
  Split split{distinct(cells, *key), {}};
  split.cells.resize(split.names.size());
  for (const auto* cell : cells) {
    const auto place = std::find(split.names.begin(), split.names.end(), cell->settings[*key]) - split.names.begin();
    split.cells[static_cast<std::size_t>(place)].push_back(cell);
  }
  return split;
}

Chart empty_chart(const FigureSource& source, std::optional<std::size_t> by) {
  Chart chart;
  chart.kind = "settings";
  if (by) chart.series_column = source.keys[*by];
  chart.label_columns = {"cells"};
  return chart;
}

Chart bar_chart(const FigureSource& source, const std::vector<const FigureCell*>& cells, std::size_t key,
                std::optional<std::size_t> by) {
  Chart chart = empty_chart(source, by);
  chart.x = {"mean gain in image AUROC (percentage points)", kGain, {}, {}, kPercent};
  chart.y = {"", source.keys[key]};
  const auto values = distinct(cells, key);
  for (const auto& value : values) chart.y.categories.push_back(value.empty() ? "-" : value);
  const Split split = split_by(cells, by);
  ChartPanel panel{"", {}};
  const auto count = static_cast<double>(split.names.size());
  for (std::size_t s = 0; s < split.names.size(); ++s) {
    ChartSeries series;
    series.name = split.names[s];
    series.kind = SeriesKind::kBars;
    series.colour = series_style(s).colour;
    series.thickness = 0.78 / count;
    series.shift = (static_cast<double>(s) - (count - 1) / 2) * series.thickness;
    for (std::size_t v = 0; v < values.size(); ++v) {
      Pooled pooled;
      std::copy_if(split.cells[s].begin(), split.cells[s].end(), std::back_inserter(pooled.cells),
                   [&](const auto* cell) { return cell->settings[key] == values[v]; });
      if (!pooled.cells.empty()) add_value(series, static_cast<double>(v), pooled, true);
    }
    panel.series.push_back(std::move(series));
  }
  panel.guides.push_back({Guide::Kind::kVertical, 0, ""});
  chart.panels.push_back(std::move(panel));
  chart.panel_height_pt = static_cast<double>(values.size()) * std::max(10.0, 6.0 * count + 3);
  return chart;
}

/// One curve for each series: gain over the numbers that number_at gives; cells without one are left out.
template <typename NumberAt>
ChartPanel curve_panel(const std::string& title, const std::vector<const FigureCell*>& cells,
                       std::optional<std::size_t> by, NumberAt number_at) {
  ChartPanel panel{title, {}};
  const Split split = split_by(cells, by);
  for (std::size_t s = 0; s < split.names.size(); ++s) {
    std::map<double, Pooled> at;
    for (const auto* cell : split.cells[s]) {
      if (const std::optional<double> place = number_at(*cell)) at[*place].cells.push_back(cell);
    }
    const SeriesStyle style = series_style(s);
    ChartSeries line;
    line.name = split.names[s];
    line.colour = style.colour;
    line.dash = style.dash;
    line.marker = style.marker;
    line.shows_markers = true;
    for (const auto& [place, pooled] : at) add_value(line, place, pooled, false);
    panel.series.push_back(std::move(line));
  }
  return panel;
}

std::string text_at(const ListedRun& run, const std::string& path) {
  const config::Value* value = run.resolved.find_path(path);
  if (value == nullptr || value->is_map() || value->is_list()) return "";
  return value->is_string() ? value->as_string() : config::short_text(*value);
}

/// The scalar keys of a section whose values differ between some cells.
std::vector<std::string> differing_keys(const std::vector<const FigureCell*>& cells, const std::string& section) {
  std::vector<std::string> keys;
  const config::Value* first = cells.front()->run->resolved.find_path(section);
  if (first == nullptr || !first->is_map()) return keys;
  for (const auto& [name, value] : first->as_map()) {
    const std::string path = fmt::format("{}.{}", section, name);
    const std::string text = text_at(*cells.front()->run, path);
    const bool differs =
        std::any_of(cells.begin(), cells.end(), [&](const auto* cell) { return text_at(*cell->run, path) != text; });
    if (differs) keys.push_back(path);
  }
  return keys;
}

/// A group whose options differ in numbers, as fusion rules in lambda: a panel for each value of its words, with a
/// curve over the number that changes there. Nothing when no number does.
std::optional<Chart> group_chart(const FigureSource& source, const std::vector<const FigureCell*>& cells,
                                 std::size_t key, std::optional<std::size_t> by) {
  const auto keys = differing_keys(cells, source.keys[key]);
  std::map<std::string, std::vector<const FigureCell*>> parts;
  std::vector<std::string> order;
  for (const auto* cell : cells) {
    std::vector<std::string> words;
    for (const auto& path : keys) {
      const std::string text = text_at(*cell->run, path);
      if (!number_of(text) && text != "null" && !text.empty()) words.push_back(text);
    }
    const std::string name = fmt::format("{}", fmt::join(words, ", "));
    if (!parts.contains(name)) order.push_back(name);
    parts[name].push_back(cell);
  }
  Chart chart = empty_chart(source, by);
  chart.panel_column = source.keys[key];
  chart.x = {"", "value"};
  chart.y = {"mean gain (points)", kGain, {}, {}, kPercent};
  for (const auto& name : order) {
    for (const auto& path : differing_keys(parts[name], source.keys[key])) {
      const auto number_at = [&](const FigureCell& cell) { return number_of(text_at(*cell.run, path)); };
      const std::string leaf = path.substr(path.rfind('.') + 1);
      ChartPanel panel =
          curve_panel(name.empty() ? leaf : fmt::format("{}: {}", name, leaf), parts[name], by, number_at);
      const bool is_curve =
          std::any_of(panel.series.begin(), panel.series.end(), [](const auto& series) { return series.x.size() > 1; });
      panel.x = {leaf, "value"};
      if (is_curve) chart.panels.push_back(std::move(panel));
    }
  }
  if (chart.panels.empty()) return std::nullopt;
  if (chart.panels.size() == 1) {
    chart.x.label = chart.panels[0].title;
  } else {
    lay_out_panels(chart);
  }
  return chart;
}

}  // namespace

Figures setting_figures(const FigureSource& source) {
  Figures figures;
  const auto cells = honest_cells(source);
  if (cells.empty()) return figures;
  const auto keys = telling_keys(source, cells);
  for (const std::size_t key : keys) {
    const auto by = series_key(source, keys, key, cells);
    const auto values = distinct(cells, key);
    const std::string &name = source.keys[key], title = fmt::format("Gain by {}", name);
    const std::string caption = fmt::format(
        "{} ({} cells); whiskers, where only the seed differs, are standard deviations, and where nothing "
        "differs, 95 % bootstrap intervals.",
        kPrecision, cells.size());
    const bool all_numbers = values.size() > 2 && std::all_of(values.begin(), values.end(), [](const auto& one) {
                               return number_of(one).has_value();
                             });
    if (all_numbers) {
      Chart chart = empty_chart(source, by);
      chart.x = {name, name};
      chart.y = {"mean gain (points)", kGain, {}, {}, kPercent};
      chart.panels.push_back(
          curve_panel("", cells, by, [&](const FigureCell& cell) { return number_of(cell.settings[key]); }));
      figures.push_back(figure_of("gain_by_" + file_name_text(name), title, caption, chart));
      continue;
    }
    figures.push_back(figure_of("gain_by_" + file_name_text(name), title, caption, bar_chart(source, cells, key, by)));
    if (const auto curves = group_chart(source, cells, key, by)) {
      figures.push_back(figure_of("gain_curves_" + file_name_text(name), title, caption, *curves));
    }
  }
  return figures;
}

}  // namespace normadd::reporting
