// SPDX-License-Identifier: Apache-2.0
// Histograms of image scores: a row for each defect type, or for each role on the new labels.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "core/csv.h"
#include "metrics/threshold.h"
#include "reporting/axis_scale.h"
#include "reporting/figure_families.h"

namespace normadd::reporting {
namespace {

constexpr std::size_t kNumBins = 32;
constexpr double kRowHeight_pt = 13;

/// Equal bins over all values; the largest value lies in the last.
class Bins {
 public:
  explicit Bins(const Range& range) : range_(range.drawable()) {}
  double edge(std::size_t i) const {
    return i == kNumBins
               ? range_.high
               : range_.low + (range_.high - range_.low) * static_cast<double>(i) / static_cast<double>(kNumBins);
  }
  ChartSeries counted(const std::string& name, const std::vector<double>& values) const {
    ChartSeries series;
    series.name = name;
    series.kind = SeriesKind::kBins;
    series.y.assign(kNumBins, 0);
    for (std::size_t i = 0; i < kNumBins; ++i) {
      series.x.push_back(edge(i));
      series.x_high.push_back(edge(i + 1));
    }
    for (const double value : values) {
      const double share = (value - range_.low) / (range_.high - range_.low) * static_cast<double>(kNumBins);
      series.y[std::min(kNumBins - 1, static_cast<std::size_t>(std::max(0.0, share)))] += 1;
    }
    return series;
  }

 private:
  Range range_;
};

struct NamedThreshold {
  double value;
  std::string name;
};

/// Of thresholds.csv, which 'normadd evaluate' writes, where the folder has one; else the one of F1-max.
std::map<std::string, NamedThreshold> thresholds_of(const FigureSubject& subject) {
  std::map<std::string, NamedThreshold> found;
  const auto file = subject.run->folder / "thresholds.csv";
  if (std::filesystem::is_regular_file(file)) {
    const auto table = core::read_csv(file);
    for (const auto& row : table.rows) {
      const std::string& text = row[table.column("threshold")];
      double value = 0;
      if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc()) {
        found[row[table.column("category")]] = {value, "threshold"};
      }
    }
    return found;
  }
  for (const auto& numbers : subject.originals) {
    const auto scores = original_scores(subject, numbers.category);
    const auto count = std::count(scores.labels.begin(), scores.labels.end(), 1);
    if (count == 0 || count == static_cast<std::ptrdiff_t>(scores.labels.size())) continue;
    found[numbers.category] = {metrics::f1_adaptive_threshold(scores.scores, scores.labels, numbers.category),
                               "threshold of F1-max, chosen on these images"};
  }
  return found;
}

Chart empty_chart(const std::string& kind) {
  Chart chart;
  chart.kind = kind;
  chart.x = {"image score (maximum of the map)", "score"};
  chart.y = {"", "type"};
  chart.panel_column = "category";
  chart.bin_column = "images";
  return chart;
}

/// rows: those of the panel with the most.
void lay_out_rows(Chart& chart, std::size_t rows) {
  chart.panel_height_pt = kRowHeight_pt * static_cast<double>(std::max<std::size_t>(2, rows));
  if (chart.panels.size() == 1) return;
  constexpr int kMostColumns = 3;
  chart.columns = std::min(kMostColumns, static_cast<int>(chart.panels.size()));
  chart.width_in = 6.9;
}

/// good first, the others by name.
std::vector<std::string> types_of(const CategoryImages& images) {
  std::vector<std::string> types = images.types;
  std::sort(types.begin(), types.end(),
            [](const auto& a, const auto& b) { return std::pair(a != "good", a) < std::pair(b != "good", b); });
  types.erase(std::unique(types.begin(), types.end()), types.end());
  return types;
}

ChartPanel panel_of_types(const CategoryImages& images, const std::vector<double>& scores,
                          const std::string& category) {
  ChartPanel panel{category, {}};
  Range range;
  for (const double score : scores) range.add(score);
  const Bins bins(range);
  const auto types = types_of(images);
  panel.x = {"", "score"};
  panel.y = {"", "type", {}, {}, 1, types};
  for (std::size_t t = 0; t < types.size(); ++t) {
    std::vector<double> values;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (images.types[i] == types[t]) values.push_back(scores[i]);
    }
    auto series = bins.counted(types[t] == "good" ? "good" : "anomalous", values);
    series.row = t;
    series.colour = types[t] == "good" ? kGreen : kVermilion;
    panel.series.push_back(std::move(series));
  }
  return panel;
}

struct RoleScores {
  std::vector<double> before, after;
};

ChartPanel panel_of_roles(const FigureSubject& subject, const std::string& category) {
  const auto& images = subject.run_scores->categories.at(category);
  const std::vector<std::string> roles{"good", "added", "retained"};
  std::vector<RoleScores> scores(roles.size());
  Range range;
  for (const auto& pair : subject.scores->pairs) {
    if (pair.category != category) continue;
    for (std::size_t i = 0; i < pair.before.size(); ++i) {
      RoleScores& role = scores[images.is_anomalous[i] == 0 ? 0 : images.types[i] == pair.added ? 1 : 2];
      role.before.push_back(pair.before[i]);
      role.after.push_back(pair.after[i]);
      range.add(pair.before[i]);
      range.add(pair.after[i]);
    }
  }
  ChartPanel panel{category, {}};
  panel.x = {"", "score"};
  panel.y = {"", "type", {}, {}, 1, roles};
  const Bins bins(range);
  for (std::size_t r = 0; r < roles.size(); ++r) {
    auto before = bins.counted("before", scores[r].before), after = bins.counted("after", scores[r].after);
    before.row = after.row = r;
    before.colour = kBeforeColour;
    after.colour = kAfterColour;
    after.filled = false;
    after.width_pt = 0.9;
    panel.series.push_back(std::move(before));
    panel.series.push_back(std::move(after));
  }
  return panel;
}

}  // namespace

Figures score_figures(const FigureSource& source) {
  Figures figures;
  for (const auto& subject : source.originals) {
    Chart chart = empty_chart("scores");
    chart.series_column = "label";
    const auto thresholds = thresholds_of(subject);
    std::size_t most_rows = 0;
    for (const auto& numbers : subject.originals) {
      const auto scores = original_scores(subject, numbers.category);
      if (scores.scores.empty()) continue;
      chart.panels.push_back(
          panel_of_types(subject.run_scores->categories.at(numbers.category), scores.scores, numbers.category));
      ChartPanel& panel = chart.panels.back();
      most_rows = std::max(most_rows, panel.y->categories.size());
      const auto threshold = thresholds.find(numbers.category);
      if (threshold != thresholds.end()) {
        panel.guides.push_back({Guide::Kind::kVertical, threshold->second.value, threshold->second.name});
      }
    }
    if (chart.panels.empty()) continue;
    lay_out_rows(chart, most_rows);
    figures.push_back(figure_of(
        figure_name("scores", subject, source.originals),
        "Image scores by defect type" + of_subject(subject, source.originals),
        fmt::format("{}: histogram of image scores for each type, each as high as its fullest bin.", subject.label),
        chart));
  }
  return figures;
}

Figures new_label_score_figures(const FigureSource& source) {
  Figures figures;
  for (const auto& subject : source.leading) {
    if (subject.scores == nullptr) continue;
    Chart chart = empty_chart("scores_new_labels");
    chart.series_column = "scores";
    chart.y.column = "role";
    std::vector<std::string> categories;
    for (const auto& pair : subject.scores->pairs) {
      if (std::find(categories.begin(), categories.end(), pair.category) == categories.end())
        categories.push_back(pair.category);
    }
    for (const auto& category : categories) chart.panels.push_back(panel_of_roles(subject, category));
    if (chart.panels.empty()) continue;
    lay_out_rows(chart, 3);
    chart.panel_height_pt = 66;
    figures.push_back(figure_of(
        figure_name("scores_new_labels", subject, source.leading),
        "Image scores before and after" + of_subject(subject, source.leading),
        fmt::format(
            "{}, {}: histograms over all pairs of a category; added images should move towards the good ones, good and "
            "retained ones should stay. Each row is as high as its fullest bin.",
            subject.label, cell_words(*subject.cell)),
        chart));
  }
  return figures;
}

}  // namespace normadd::reporting
