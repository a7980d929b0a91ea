// SPDX-License-Identifier: Apache-2.0
#include "reporting/type_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "metrics/roc.h"
#include "reporting/means.h"
#include "reporting/metric_columns.h"

namespace normadd::reporting {
namespace {

using CategoryAndType = std::pair<std::string, std::string>;

struct TypeNumber {
  double auroc = std::nan("");
  std::size_t num_images = 0;  // of the type; 0 = not known
};

using TypeNumbers = std::map<CategoryAndType, TypeNumber>;

constexpr std::string_view kPerType = "image_auroc_original/";

void add_measured(const std::vector<CategoryNumbers>& categories, TypeNumbers& numbers) {
  for (const auto& category : categories) {
    for (const auto& [metric, value] : category.values) {
      if (metric.starts_with(kPerType)) numbers[{category.category, metric.substr(kPerType.size())}].auroc = value;
    }
  }
}

void add_computed(const CategoryImages& images, const PairScores& pair, TypeNumbers& numbers) {
  for (std::size_t first = 0; first < images.types.size();) {
    std::size_t last = first;
    while (last < images.types.size() && images.strata[last] == images.strata[first]) ++last;
    const std::string& type = images.types[first];
    if (images.is_anomalous[first] != 0) {
      std::vector<double> scores;
      std::vector<std::uint8_t> labels;
      for (std::size_t i = 0; i < images.types.size(); ++i) {
        if (images.is_anomalous[i] != 0 && (i < first || i >= last)) continue;
        scores.push_back(pair.before[i]);
        labels.push_back(images.is_anomalous[i]);
      }
      TypeNumber& number = numbers[{pair.category, type}];
      number.num_images = last - first;
      if (std::isnan(number.auroc)) number.auroc = metrics::image_auroc(scores, labels);
    }
    first = last;
  }
}

TypeNumbers numbers_of(const DetectorNumbers& original, const RunScores& scores) {
  TypeNumbers numbers;
  add_measured(original.categories, numbers);
  std::map<std::string, bool> done;
  for (const auto& cell : scores.cells) {
    if (cell.detector != original.detector) continue;
    for (const auto& pair : cell.pairs) {
      // The scores before are the same in all pairs and cells of a detector.
      if (!std::exchange(done[pair.category], true)) {
        add_computed(scores.categories.at(pair.category), pair, numbers);
      }
    }
  }
  return numbers;
}

}  // namespace

Table type_table(const RunMetrics& run, const RunScores& scores, const std::string& detector) {
  Table table;
  table.title = "Image AUROC of each defect type against good";
  table.columns = {{"category", "category", false, true}, {"type", "type", false}, {"num_images", "images"}};
  std::vector<TypeNumbers> detectors;
  std::map<CategoryAndType, std::size_t> types;
  for (const auto& original : run.originals) {
    if (!detector.empty() && original.detector != detector) continue;
    table.columns.push_back({original.detector, original.detector});
    detectors.push_back(numbers_of(original, scores));
    for (const auto& [type, number] : detectors.back()) types[type] = std::max(types[type], number.num_images);
  }
  std::vector<std::vector<double>> all(detectors.size());
  for (const auto& [type, num_images] : types) {
    TableRow row{
        {word_cell(type.first), word_cell(type.second), num_images > 0 ? count_cell(num_images) : TableCell{}}};
    for (std::size_t d = 0; d < detectors.size(); ++d) {
      const auto found = detectors[d].find(type);
      all[d].push_back(found != detectors[d].end() ? found->second.auroc : std::nan(""));
      row.cells.push_back(percent_cell(all[d].back()));
    }
    table.rows.push_back(std::move(row));
  }
  if (types.empty()) return table;
  TableRow mean{{word_cell("mean"), word_cell(std::to_string(types.size()) + " types"), {}}, true};
  for (const auto& values : all) mean.cells.push_back(percent_cell(seed_spread(values).mean));
  table.rows.push_back(std::move(mean));
  table.notes = {"x 100, original labels, score = map maximum; the other types are left out.",
                 "mean: unweighted, over all types of all categories."};
  return table;
}

}  // namespace normadd::reporting
