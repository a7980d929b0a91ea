// SPDX-License-Identifier: Apache-2.0
#include "training/loss_curve.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "core/error.h"
#include "core/number_text.h"

namespace normadd::training {
namespace {

constexpr double kWidth = 720, kHeight = 360, kMargin = 48;
constexpr std::size_t kRunning = 25;
constexpr double kShown = 0.96;

}  // namespace

void LossCurve::add(std::int64_t step, std::vector<double> values) {
  NORMADD_CHECK(values.size() == columns_.size(), std::to_string(values.size()));
  steps_.push_back(step);
  rows_.push_back(std::move(values));
}

void LossCurve::restore(const std::filesystem::path& csv, std::int64_t num_steps) {
  if (!std::filesystem::exists(csv)) return;
  const core::CsvTable table = core::read_csv(csv);
  for (const auto& row : table.rows) {
    try {
      const std::int64_t step = std::stoll(row.at(table.column("step")));
      if (step >= num_steps) break;
      std::vector<double> values;
      for (const auto& name : columns_) values.push_back(std::stod(row.at(table.column(name))));
      add(step, std::move(values));
    } catch (const std::logic_error&) {
      throw core::DataError("a row of the loss curve is not numeric", csv.string(), "Remove the checkpoint folder.");
    }
  }
}

void LossCurve::write_csv(const std::filesystem::path& file) const {
  core::CsvTable table;
  table.columns = {"step"};
  table.columns.insert(table.columns.end(), columns_.begin(), columns_.end());
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    std::vector<std::string> row{std::to_string(steps_[i])};
    for (const double value : rows_[i]) row.push_back(core::shortest_text(value));
    table.rows.push_back(std::move(row));
  }
  core::write_csv(file, table);
}

void LossCurve::write_svg(const std::filesystem::path& file, const std::string& column) const {
  const std::size_t index = index_of(column);
  std::vector<double> sorted{1e-12};
  for (const auto& row : rows_) sorted.push_back(row[index]);
  std::ranges::sort(sorted);
  // The first steps are often tens of times higher than the rest, which would become a flat line below them.
  const double high = sorted[static_cast<std::size_t>(kShown * static_cast<double>(sorted.size() - 1))];
  const double last = steps_.empty() ? 1 : std::max<double>(1, static_cast<double>(steps_.back()));
  const auto x = [&](std::size_t i) {
    return kMargin + (kWidth - 2 * kMargin) * static_cast<double>(steps_[i]) / last;
  };
  const auto y = [&](double value) {
    return kHeight - kMargin - (kHeight - 2 * kMargin) * std::min(1.0, value / high);
  };

  std::string dots, line;
  double sum = 0;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    sum += rows_[i][index] - (i >= kRunning ? rows_[i - kRunning][index] : 0);
    dots += fmt::format("M{:.1f} {:.1f}h1", x(i), y(rows_[i][index]));
    line += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", x(i),
                        y(sum / static_cast<double>(std::min(i + 1, kRunning))));
  }
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
      kWidth, kHeight);
  for (int tick = 0; tick <= 4; ++tick) {
    const double value = high * tick / 4;
    svg += fmt::format(
        "<path d=\"M{0} {1:.1f}H{2}\" stroke=\"#ddd\"/><text x=\"{3}\" y=\"{4:.1f}\" "
        "text-anchor=\"end\">{5:.3g}</text>\n",
        kMargin, y(value), kWidth - kMargin, kMargin - 6, y(value) + 4, value);
    const double step = last * tick / 4;
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.0f}</text>\n",
                       kMargin + (kWidth - 2 * kMargin) * tick / 4, kHeight - kMargin + 18, step);
  }
  svg += fmt::format("<text x=\"{}\" y=\"24\">{} over steps, and its mean over {} steps</text>\n", kMargin, column,
                     kRunning);
  svg += fmt::format(
      "<path d=\"{}\" stroke=\"#9ecae1\" fill=\"none\"/>\n<path d=\"{}\" stroke=\"#08519c\" stroke-width=\"1.5\" "
      "fill=\"none\"/>\n</svg>\n",
      dots, line);
  core::write_file_atomically(file, svg);
}

double LossCurve::recent(const std::string& column, std::size_t num) const {
  const std::size_t index = index_of(column), count = std::min(num, rows_.size());
  double sum = 0;
  for (std::size_t i = rows_.size() - count; i < rows_.size(); ++i) sum += rows_[i][index];
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

std::size_t LossCurve::index_of(const std::string& column) const {
  const auto found = std::ranges::find(columns_, column);
  NORMADD_CHECK(found != columns_.end(), column);
  return static_cast<std::size_t>(found - columns_.begin());
}

}  // namespace normadd::training
