// SPDX-License-Identifier: Apache-2.0
#include "reporting/run_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "core/csv.h"
#include "core/error.h"

namespace normadd::reporting {
namespace {

constexpr const char* kHint = "Run again, or restore the file: it is written by 'normadd run'.";

/// The columns of scores.csv that take part, by position.
struct ScoreFile {
  explicit ScoreFile(const std::filesystem::path& path) : table(core::read_csv(path)), name(path.string()) {
    const auto position = [&](const char* column) {
      const auto found = std::find(table.columns.begin(), table.columns.end(), column);
      if (found != table.columns.end()) return static_cast<std::size_t>(found - table.columns.begin());
      throw core::DataError(fmt::format("the table has no column '{}'", column), name + ":1", kHint);
    };
    detector = position("detector"), category = position("category"), image = position("image");
    type = position("type"), added = position("added"), prompts = position("prompts"), fusion = position("fusion");
    label_original = position("label_original"), label_new = position("label_new");
    before = position("score_before"), after = position("score_after");
  }

  const std::string& text(std::size_t row, std::size_t column) const { return table.rows[row][column]; }

  [[noreturn]] void fail(std::size_t row, const std::string& what) const {
    throw core::DataError(what, fmt::format("{}:{}", name, table.lines[row]), kHint);
  }

  double score(std::size_t row, std::size_t column) const {
    const std::string& value = text(row, column);
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || !std::isfinite(number)) {
      fail(row, fmt::format("{} is '{}', not a finite number", table.columns[column], value));
    }
    return number;
  }

  std::uint8_t label(std::size_t row, std::size_t column) const {
    const std::string& value = text(row, column);
    if (value != "0" && value != "1") fail(row, fmt::format("{} is '{}', not 0 or 1", table.columns[column], value));
    return value == "1" ? 1 : 0;
  }

  core::CsvTable table;
  std::string name;
  std::size_t detector, category, image, type, added, prompts, fusion, label_original, label_new, before, after;
};

struct PairRows {
  std::string category, added;
  std::vector<std::size_t> rows;
};

struct CellRows {
  std::string detector, prompts, fusion;
  std::vector<PairRows> pairs;
};

/// Rows lie together by pair, so that the last one's place is nearly always the next one's.
std::vector<CellRows> group_rows(const ScoreFile& file) {
  std::vector<CellRows> cells;
  std::size_t c = 0, p = 0;
  const auto is_cell = [&](const CellRows& cell, std::size_t row) {
    return cell.detector == file.text(row, file.detector) && cell.prompts == file.text(row, file.prompts) &&
           cell.fusion == file.text(row, file.fusion);
  };
  const auto is_pair = [&](const PairRows& pair, std::size_t row) {
    return pair.category == file.text(row, file.category) && pair.added == file.text(row, file.added);
  };
  for (std::size_t row = 0; row < file.table.rows.size(); ++row) {
    if (file.text(row, file.added).empty()) continue;  // an image of a category without pairs
    if (c >= cells.size() || !is_cell(cells[c], row)) {
      for (c = 0; c < cells.size() && !is_cell(cells[c], row);) ++c;
      if (c == cells.size()) {
        cells.push_back({file.text(row, file.detector), file.text(row, file.prompts), file.text(row, file.fusion), {}});
      }
      p = 0;
    }
    auto& pairs = cells[c].pairs;
    if (p >= pairs.size() || !is_pair(pairs[p], row)) {
      for (p = 0; p < pairs.size() && !is_pair(pairs[p], row);) ++p;
      if (p == pairs.size()) pairs.push_back({file.text(row, file.category), file.text(row, file.added), {}});
    }
    pairs[p].rows.push_back(row);
  }
  return cells;
}

/// One category's images and where each of them stands.
struct ImageOrder {
  CategoryImages images;
  std::unordered_map<std::string, std::size_t> place;
};

ImageOrder image_order(const ScoreFile& file, std::vector<std::size_t> rows) {
  std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
    const int types = file.text(a, file.type).compare(file.text(b, file.type));
    return types != 0 ? types < 0 : file.text(a, file.image) < file.text(b, file.image);
  });
  ImageOrder order;
  CategoryImages& images = order.images;
  for (const std::size_t row : rows) {
    const std::string& type = file.text(row, file.type);
    const bool is_new_type = !images.types.empty() && images.types.back() != type;
    images.strata.push_back(images.strata.empty() ? 0 : images.strata.back() + (is_new_type ? 1 : 0));
    images.types.push_back(type);
    images.images.push_back(file.text(row, file.image));
    images.is_anomalous.push_back(file.label(row, file.label_original));
    if (!order.place.emplace(images.images.back(), images.images.size() - 1).second) {
      file.fail(row, fmt::format("the image {} is given twice", images.images.back()));
    }
  }
  return order;
}

bool has_one_label_per_type(const CategoryImages& images, const std::vector<std::uint8_t>& labels) {
  for (std::size_t i = 1; i < labels.size(); ++i) {
    if (images.strata[i] == images.strata[i - 1] && labels[i] != labels[i - 1]) return false;
  }
  return true;
}

PairScores scores_of(const ScoreFile& file, const PairRows& pair, const ImageOrder& order) {
  const std::size_t count = order.images.images.size();
  PairScores scores{pair.category, pair.added, std::vector<double>(count), std::vector<double>(count),
                    std::vector<std::uint8_t>(count)};
  std::vector<bool> seen(count, false);
  for (const std::size_t row : pair.rows) {
    const std::string& image = file.text(row, file.image);
    const auto found = order.place.find(image);
    if (found == order.place.end() || order.images.types[found->second] != file.text(row, file.type)) {
      file.fail(row, fmt::format("no other pair of {} has an image {} of type {}", pair.category, image,
                                 file.text(row, file.type)));
    }
    const std::size_t place = found->second;
    if (seen[place]) file.fail(row, fmt::format("the image {} is given twice", image));
    seen[place] = true;
    scores.before[place] = file.score(row, file.before);
    scores.after[place] = file.score(row, file.after);
    scores.is_anomalous[place] = file.label(row, file.label_new);
  }
  if (pair.rows.size() != count) {
    file.fail(pair.rows.front(), fmt::format("{} has {} images when {} is added, and {} otherwise", pair.category,
                                             pair.rows.size(), pair.added, count));
  }
  if (!has_one_label_per_type(order.images, scores.is_anomalous)) {
    file.fail(pair.rows.front(), fmt::format("images of one type of {} have different new labels", pair.category));
  }
  return scores;
}

}  // namespace

RunScores read_run_scores(const std::filesystem::path& scores_csv) {
  const ScoreFile file(scores_csv);
  std::map<std::string, ImageOrder> orders;
  RunScores run;
  for (const auto& cell : group_rows(file)) {
    CellScores& scores = run.cells.emplace_back(CellScores{cell.detector, cell.prompts, cell.fusion, {}});
    for (const auto& pair : cell.pairs) {
      if (!orders.contains(pair.category)) orders[pair.category] = image_order(file, pair.rows);
      scores.pairs.push_back(scores_of(file, pair, orders[pair.category]));
    }
  }
  for (auto& [category, order] : orders) run.categories[category] = std::move(order.images);
  return run;
}

}  // namespace normadd::reporting
