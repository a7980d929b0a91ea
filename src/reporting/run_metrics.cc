// SPDX-License-Identifier: Apache-2.0
#include "reporting/run_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <string_view>

#include "core/csv.h"
#include "core/error.h"

namespace normadd::reporting {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
constexpr const char* kHint = "Run again, or restore the file: it is written by 'normadd run'.";

/// One line of the file, by column name.
class Line {
 public:
  Line(const core::CsvTable& table, std::size_t row, const std::string& path)
      : table_(table), row_(row), where_(fmt::format("{}:{}", path, row + 2)) {}

  const std::string& text(const std::string& column) const { return table_.rows[row_][table_.column(column)]; }

  double share() const {
    const std::string& value = text("value");
    if (value.empty()) return kUndefined;
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || !std::isfinite(number)) {
      fail(fmt::format("the value '{}' of {} is not a finite number", value, text("metric")));
    }
    // Rounding may carry a share a little beyond 1.
    constexpr double kMost = 1 + 1e-6;
    if (std::abs(number) > kMost) {
      fail(fmt::format("the value {} of {} is no share between 0 and 1, nor a change of one", value, text("metric")));
    }
    return number;
  }

  std::size_t count(const std::string& column) const {
    const std::string& value = text(column);
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (value.empty() || error != std::errc() || end != value.data() + value.size()) {
      fail(fmt::format("{} is '{}', not a count", column, value));
    }
    return number;
  }

  [[noreturn]] void fail(const std::string& what) const { throw core::DataError(what, where_, kHint); }

 private:
  const core::CsvTable& table_;
  std::size_t row_;
  std::string where_;
};

/// The element for which matches holds, made at the end when there is none.
template <typename Element, typename Matches>
Element& find_or_add(std::vector<Element>& elements, Matches matches) {
  const auto found = std::find_if(elements.begin(), elements.end(), matches);
  return found != elements.end() ? *found : elements.emplace_back();
}

CategoryNumbers& numbers_of(std::vector<CategoryNumbers>& all, const std::string& category, const std::string& added) {
  CategoryNumbers& numbers =
      find_or_add(all, [&](const auto& one) { return one.category == category && one.added == added; });
  numbers.category = category;
  numbers.added = added;
  return numbers;
}

std::vector<CategoryNumbers>& group_of(RunMetrics& run, const Line& line) {
  const std::string& detector = line.text("detector");
  if (line.text("added").empty()) {
    auto& original = find_or_add(run.originals, [&](const auto& one) { return one.detector == detector; });
    original.detector = detector;
    return original.categories;
  }
  const std::string& prompts = line.text("prompts");
  const std::string& fusion = line.text("fusion");
  auto& cell = find_or_add(run.cells, [&](const auto& one) {
    return one.detector == detector && one.prompts == prompts && one.fusion == fusion;
  });
  cell.detector = detector;
  cell.prompts = prompts;
  cell.fusion = fusion;
  return cell.pairs;
}

bool counts_images(const std::string& metric) { return metric.rfind("image_", 0) == 0; }

void add_line(RunMetrics& run, const Line& line) {
  if (line.text("category").empty()) line.fail("the category is empty");
  CategoryNumbers& numbers = numbers_of(group_of(run, line), line.text("category"), line.text("added"));
  const std::string& metric = line.text("metric");
  if (!numbers.values.emplace(metric, line.share()).second) {
    line.fail(fmt::format("{} of {} is given twice", metric, line.text("category")));
  }
  const std::size_t num_normal = line.count("n_normal"), num_anomalous = line.count("n_anomalous");
  if (counts_images(metric)) {
    numbers.num_normal = std::max(numbers.num_normal, num_normal);
    numbers.num_anomalous = std::max(numbers.num_anomalous, num_anomalous);
  }
}

void carry_originals_to_pairs(RunMetrics& run) {
  constexpr const char* kOriginal = "image_auroc_original";
  for (auto& cell : run.cells) {
    for (const auto& original : run.originals) {
      if (original.detector != cell.detector) continue;
      for (auto& pair : cell.pairs) {
        for (const auto& category : original.categories) {
          if (category.category == pair.category) pair.values.emplace(kOriginal, category.value(kOriginal));
        }
      }
    }
  }
}

}  // namespace

double CategoryNumbers::value(const std::string& metric) const {
  const auto found = values.find(metric);
  return found != values.end() ? found->second : kUndefined;
}

bool CellNumbers::is_control() const {
  constexpr std::string_view kControls[] = {"constant", "random", "shuffled_prompts", "wrong_object", "oracle"};
  // "none" is a fusion rule too; as a control it has no text.
  return std::find(std::begin(kControls), std::end(kControls), fusion) != std::end(kControls) ||
         (fusion == "none" && prompts.empty());
}

RunMetrics read_run_metrics(const std::filesystem::path& metrics_csv) {
  const core::CsvTable table = core::read_csv(metrics_csv);
  for (const char* column :
       {"run", "detector", "category", "added", "prompts", "fusion", "metric", "value", "n_normal", "n_anomalous"}) {
    if (std::find(table.columns.begin(), table.columns.end(), column) == table.columns.end()) {
      throw core::DataError(fmt::format("the table has no column '{}'", column), metrics_csv.string() + ":1", kHint);
    }
  }
  if (table.rows.empty()) throw core::DataError("the table has no numbers", metrics_csv.string(), kHint);
  RunMetrics run;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const Line line(table, row, metrics_csv.string());
    if (row == 0) {
      run.run = line.text("run");
      const bool names_dataset =
          std::find(table.columns.begin(), table.columns.end(), "dataset") != table.columns.end();
      if (names_dataset) run.dataset = line.text("dataset");
    }
    add_line(run, line);
  }
  carry_originals_to_pairs(run);
  return run;
}

}  // namespace normadd::reporting
