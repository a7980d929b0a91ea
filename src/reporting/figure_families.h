// SPDX-License-Identifier: Apache-2.0
// The families of figures, each made from the same source; none when the runs lack its numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reporting/chart.h"
#include "reporting/figure.h"
#include "reporting/figure_source.h"
#include "reporting/score_curves.h"

namespace normadd::reporting {

using Figures = std::vector<Figure>;

// On the original labels.
Figures roc_figures(const FigureSource& source);
Figures precision_recall_figures(const FigureSource& source);
Figures pixel_roc_figures(const FigureSource& source);
Figures pro_figures(const FigureSource& source);
Figures score_figures(const FigureSource& source);

// On the new labels, before and after.
Figures new_label_roc_figures(const FigureSource& source);
Figures new_label_precision_recall_figures(const FigureSource& source);
Figures new_label_score_figures(const FigureSource& source);
Figures gain_figures(const FigureSource& source);
Figures collateral_figures(const FigureSource& source);
Figures control_figures(const FigureSource& source);
Figures before_after_figures(const FigureSource& source);
Figures setting_figures(const FigureSource& source);

/// "gain", or "gain_LABEL" when there are several subjects.
std::string figure_name(const std::string& family, const FigureSubject& subject, const std::vector<FigureSubject>& all);
/// ", of LABEL" in a title when there are several subjects.
std::string of_subject(const FigureSubject& subject, const std::vector<FigureSubject>& all);
/// "prompts described, product": which suppression a leading cell is.
std::string cell_words(const CellNumbers& cell);

/// Scores and original labels of a category in any of a cell's pairs; empty when it has none.
struct OriginalScores {
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
};
OriginalScores original_scores(const FigureSubject& subject, const std::string& category);

/// One panel for each of several things, in as many columns as both columns of a paper have room for.
void lay_out_panels(Chart& chart);

}  // namespace normadd::reporting
