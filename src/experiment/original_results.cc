// SPDX-License-Identifier: Apache-2.0
#include "experiment/original_results.h"

#include <iterator>

#include "core/number_text.h"

namespace normadd::experiment {

core::CsvTable curve_rows(const metrics::PixelCurves& curves) {
  core::CsvTable table;
  table.columns = {"curve", "x", "y"};
  const metrics::PixelCurve* const by_file[] = {&curves.pro, &curves.roc};
  for (std::size_t f = 0; f < std::size(kCurveFiles); ++f) {
    for (std::size_t i = 0; i < by_file[f]->x.size(); ++i) {
      table.rows.push_back(
          {kCurveFiles[f].name, core::shortest_text(by_file[f]->x[i]), core::shortest_text(by_file[f]->y[i])});
    }
  }
  return table;
}

}  // namespace normadd::experiment
