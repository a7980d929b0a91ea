// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "reporting/detector_table.h"
#include "reporting/escaping.h"
#include "reporting/means.h"
#include "reporting/report/data_table.h"
#include "reporting/report/sections.h"
#include "reporting/summary_table.h"

namespace normadd::reporting {
namespace {

constexpr const char* kGain = "image_auroc_gain";
constexpr const char* kBefore = "image_auroc_before";
constexpr const char* kAfter = "image_auroc_after";

std::string counted(std::size_t count, const std::string& noun) {
  if (count == 1) return "1 " + noun;
  return fmt::format("{} {}", count, noun.ends_with('y') ? noun.substr(0, noun.size() - 1) + "ies" : noun + "s");
}

std::size_t num_images(const ReportedRun& run) {
  std::size_t count = 0;
  if (run.metrics.originals.empty()) return count;
  for (const auto& category : run.metrics.originals.front().categories) {
    count += category.num_normal + category.num_anomalous;
  }
  return count;
}

std::string fact(const std::string& name, const std::string& value) {
  return value.empty() ? "" : fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, html_text(value));
}

std::string facts(const ReportedRun& run) {
  const auto cells = run.leading_cells();
  std::set<std::string> prompts, detectors;
  std::string prompts_text, detectors_text;
  const auto add = [](std::set<std::string>& known, std::string& text, const std::string& name) {
    if (!name.empty() && known.insert(name).second) text += (text.empty() ? "" : ", ") + name;
  };
  for (const auto& one : run.metrics.originals) add(detectors, detectors_text, one.detector);
  for (const auto& cell : run.metrics.cells) add(prompts, prompts_text, cell.prompts);
  const std::size_t num_pairs = cells.empty() ? 0 : cells.front()->pairs.size();
  const std::size_t categories = run.metrics.originals.empty() ? 0 : run.metrics.originals.front().categories.size();
  std::string html = "<dl class=\"facts\">\n";
  html += fact("Dataset", fmt::format("{}: {}, {}, {}", run.setting("dataset.name"), counted(categories, "category"),
                                      counted(num_images(run), "test image"), counted(num_pairs, "pair")));
  html += fact(detectors.size() > 1 ? "Detectors" : "Detector", detectors_text);
  std::string normality = run.setting("normality.name");
  if (const auto clip = run.setting("clip.name"); !clip.empty()) normality += " with " + clip;
  html += fact("Normality detector", normality);
  html += fact(prompts.size() > 1 ? "Prompt sets" : "Prompts", prompts_text);
  std::string fusion = run.setting("fusion.rule");
  if (const auto lambda = run.setting("fusion.lambda"); !lambda.empty()) fusion += ", λ = " + lambda;
  html += fact("Fusion", fusion);
  return html + "</dl>\n";
}

struct Headline {
  const CellNumbers* cell = nullptr;
  double before = 0, after = 0, gain = 0;
  std::size_t num_gained = 0;
};

std::vector<Headline> headlines_of(const ReportedRun& run) {
  std::vector<Headline> headlines;
  for (const CellNumbers* cell : run.leading_cells()) {
    Headline one{cell, pair_mean(cell->pairs, kBefore), pair_mean(cell->pairs, kAfter), pair_mean(cell->pairs, kGain),
                 0};
    for (const auto& pair : cell->pairs) one.num_gained += pair.value(kGain) > 0 ? 1 : 0;
    if (!std::isnan(one.gain)) headlines.push_back(one);
  }
  return headlines;
}

/// One sentence on all detectors.
std::string headline_sentence(const std::vector<Headline>& headlines) {
  const auto less = [](const Headline& a, const Headline& b) { return a.gain < b.gain; };
  const auto [least, most] = std::minmax_element(headlines.begin(), headlines.end(), less);
  const auto& pairs = headlines.front().cell->pairs;
  const std::string over =
      fmt::format("mean over {} of {}", counted(pairs.size(), "pair"), counted(num_categories(pairs), "category"));
  if (headlines.size() == 1) {
    return fmt::format(
        "Telling {} by text what counts as normal changes its image AUROC on the new labels by "
        "<strong>{}</strong> points ({}).",
        html_text(least->cell->detector), percent_change_cell(least->gain).text, over);
  }
  return fmt::format(
      "Telling {} detectors by text what counts as normal changes their image AUROC on the new labels by "
      "<strong>{}</strong> ({}) to <strong>{}</strong> ({}) points ({}).",
      headlines.size(), percent_change_cell(least->gain).text, html_text(least->cell->detector),
      percent_change_cell(most->gain).text, html_text(most->cell->detector), over);
}

/// From before to after on one axis for all detectors, whose left end is the largest multiple of 10 below all.
std::string headline_row(const Headline& one, double low) {
  const auto place = [&](double value) { return std::clamp(100 * (value - low) / (1 - low), 0.0, 100.0); };
  const double left = place(std::min(one.before, one.after)), right = place(std::max(one.before, one.after));
  return fmt::format(
      "<div class=\"headline\"><h3>{}</h3>"
      "<div class=\"track\" aria-hidden=\"true\"><i class=\"span\" style=\"left:{:.2f}%;width:{:.2f}%\"></i>"
      "<i class=\"dot\" style=\"left:{:.2f}%\"></i><i class=\"dot after\" style=\"left:{:.2f}%\"></i></div>"
      "<p class=\"change\">{} <span class=\"arrow\">→</span> <strong>{}</strong></p>"
      "<p class=\"gain\">{}</p><p class=\"share\">{} of {} pairs gain</p></div>\n",
      html_text(one.cell->detector), left, right - left, place(one.before), place(one.after),
      percent_cell(one.before).text, percent_cell(one.after).text, gain_html(one.gain, one.cell->pair_mean_interval),
      one.num_gained, one.cell->pairs.size());
}

std::string headline_rows(const std::vector<Headline>& headlines) {
  double least = 1;
  for (const auto& one : headlines) least = std::min({least, one.before, one.after});
  // Chance is 0.5; what is worse than that moves the end.
  const double low = std::min(0.5, std::floor(10 * least) / 10);
  std::string html = "<div class=\"headlines\">\n";
  for (const auto& one : headlines) html += headline_row(one, low);
  return html + fmt::format(
                    "<div class=\"headline axis\" aria-hidden=\"true\"><span><i>{:.0f}</i><i>image AUROC × 100, "
                    "before → after</i><i>100</i></span></div></div>\n",
                    100 * low);
}

}  // namespace

std::string gain_html(double gain, const GainInterval& interval) {
  std::string html = fmt::format("<b>{}</b>", percent_change_cell(gain).text);
  if (!interval.is_defined()) return html;
  return html + fmt::format(" <span class=\"interval\" title=\"95 % bootstrap interval\">[{}, {}]</span>",
                            percent_change_cell(interval.low).text, percent_change_cell(interval.high).text);
}

std::string summary_section(const ReportedRun& run) {
  const auto headlines = headlines_of(run);
  std::string html;
  if (!headlines.empty()) {
    html += fmt::format("<p class=\"lead\">{}</p>\n", headline_sentence(headlines));
    html += headline_rows(headlines);
  } else {
    html += "<p class=\"lead\">This run measured detectors on their original labels only: it has no pairs.</p>\n";
  }
  html += facts(run);
  if (num_detectors(run.metrics) > 1) html += data_table(detector_table(run.metrics));
  if (!run.metrics.cells.empty()) {
    html += "<details><summary>All prompt sets and controls, means over pairs</summary>\n" +
            data_table(summary_table(run.metrics), false) + "</details>\n";
  }
  return html;
}

}  // namespace normadd::reporting
