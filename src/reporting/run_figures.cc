// SPDX-License-Identifier: Apache-2.0
#include "reporting/run_figures.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/nearest_name.h"
#include "reporting/escaping.h"
#include "reporting/figure_families.h"

namespace normadd::reporting {
namespace {

struct Family {
  const char* name;
  Figures (*make)(const FigureSource& source);
};

constexpr Family kFamilies[] = {
    {"gain", gain_figures},
    {"before_after", before_after_figures},
    {"controls", control_figures},
    {"collateral", collateral_figures},
    {"roc_new_labels", new_label_roc_figures},
    {"pr_new_labels", new_label_precision_recall_figures},
    {"scores_new_labels", new_label_score_figures},
    {"roc", roc_figures},
    {"pr", precision_recall_figures},
    {"pro", pro_figures},
    {"pixel_roc", pixel_roc_figures},
    {"scores", score_figures},
    {"settings", setting_figures},
};

}  // namespace

const std::vector<std::string>& figure_families() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const auto& family : kFamilies) names.emplace_back(family.name);
    return names;
  }();
  return kNames;
}

std::vector<Figure> run_figures(const RunListing& listing, const std::vector<std::string>& families) {
  for (const auto& name : families) {
    const auto& known = figure_families();
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw core::ConfigError(fmt::format("there is no figure '{}'", name), "--figures",
                              core::did_you_mean(name, known));
    }
  }
  const FigureSource source(listing);
  Figures figures;
  for (const auto& family : kFamilies) {
    if (!families.empty() && std::find(families.begin(), families.end(), family.name) == families.end()) continue;
    for (auto& figure : family.make(source)) figures.push_back(std::move(figure));
  }
  return figures;
}

std::string figure_name(const std::string& family, const FigureSubject& subject,
                        const std::vector<FigureSubject>& all) {
  return all.size() > 1 ? fmt::format("{}_{}", family, file_name_text(subject.label)) : family;
}

std::string of_subject(const FigureSubject& subject, const std::vector<FigureSubject>& all) {
  return all.size() > 1 ? fmt::format(": {}", subject.label) : "";
}

std::string cell_words(const CellNumbers& cell) {
  return cell.prompts.empty() ? cell.fusion : fmt::format("prompts {}, {}", cell.prompts, cell.fusion);
}

void lay_out_panels(Chart& chart) {
  const std::size_t count = chart.panels.size();
  if (count == 1) return;
  constexpr int kMostColumns = 4;
  chart.columns = count <= 3 ? static_cast<int>(count) : kMostColumns;
  chart.width_in = 6.9;
  chart.panel_height_pt = count <= 3 ? 120 : 92;
}

}  // namespace normadd::reporting
