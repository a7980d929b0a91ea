// SPDX-License-Identifier: Apache-2.0
// Intervals of gains against a bootstrap that draws image after image and measures with image_auroc, and laws.
#include "reporting/intervals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.h"
#include "metrics/bootstrap.h"
#include "scores_file.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::reporting {
namespace {

class IntervalsTest : public ::testing::Test {
 protected:
  RunScores read(const core::CsvTable& table) const {
    core::write_csv(directory_ / "scores.csv", table);
    return read_run_scores(directory_ / "scores.csv");
  }
  void expect_refused(const core::CsvTable& table, const std::string& what) {
    test::expect_error<core::DataError>([&] { read(table); }, {what, "scores.csv:"});
  }

  test::TemporaryDirectory directory_;
};

/// Row numbers of one pair, in the order of types and images.
std::vector<std::size_t> rows_of(const core::CsvTable& table, const CellIntervals& cell, const PairInterval& pair) {
  const auto text = [&](std::size_t row, const char* column) { return table.rows[row][table.column(column)]; };
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    if (text(row, "detector") == cell.detector && text(row, "prompts") == cell.prompts &&
        text(row, "fusion") == cell.fusion && text(row, "category") == pair.category &&
        text(row, "added") == pair.added) {
      rows.push_back(row);
    }
  }
  std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(text(a, "type"), text(a, "image")) < std::pair(text(b, "type"), text(b, "image"));
  });
  return rows;
}

/// Gains of one pair in every replicate.
std::vector<double> naive_gains(const core::CsvTable& table, const std::vector<std::size_t>& rows,
                                const IntervalOptions& options) {
  const auto text = [&](std::size_t i, const char* column) { return table.rows[rows[i]][table.column(column)]; };
  core::RandomStream stream(options.seed, "bootstrap/" + text(0, "category"));
  std::vector<double> gains;
  for (std::size_t replicate = 0; replicate < options.num_replicates; ++replicate) {
    std::vector<double> before, after;
    std::vector<std::uint8_t> labels;
    for (std::size_t first = 0; first < rows.size();) {
      std::size_t last = first;
      while (last < rows.size() && text(last, "type") == text(first, "type")) ++last;
      for (std::size_t i = first; i < last; ++i) {
        const auto drawn = first + static_cast<std::size_t>(stream.uniform() * static_cast<double>(last - first));
        before.push_back(std::stod(text(drawn, "score_before")));
        after.push_back(std::stod(text(drawn, "score_after")));
        labels.push_back(text(drawn, "label_new") == "1" ? 1 : 0);
      }
      first = last;
    }
    gains.push_back(metrics::image_auroc(after, labels) - metrics::image_auroc(before, labels));
  }
  return gains;
}

std::vector<double> mean_of(const std::vector<std::vector<double>>& all) {
  std::vector<double> mean(all.front().size(), 0);
  for (const auto& one : all) {
    for (std::size_t r = 0; r < mean.size(); ++r) mean[r] += one[r] / static_cast<double>(all.size());
  }
  return mean;
}

void expect_interval(const GainInterval& interval, const std::vector<double>& gains) {
  const auto [low, high] = metrics::percentile_interval(gains, 0.95);
  EXPECT_NEAR(interval.low, low, 1e-12);
  EXPECT_NEAR(interval.high, high, 1e-12);
}

TEST_F(IntervalsTest, EqualTheBruteForceBootstrapForPairsAndTheirMeans) {
  core::CsvTable table = test::scored_run().scores;
  const IntervalOptions options{60, 0.95, 5};
  const auto cells = gain_intervals(read(table), options);
  ASSERT_EQ(cells.size(), 6u);
  for (const auto& cell : cells) {
    ASSERT_EQ(cell.pairs.size(), 6u);
    std::vector<std::vector<double>> all;
    std::map<std::string, std::vector<std::vector<double>>> by_category;
    for (const auto& pair : cell.pairs) {
      all.push_back(naive_gains(table, rows_of(table, cell, pair), options));
      by_category[pair.category].push_back(all.back());
      expect_interval(pair.gain, all.back());
    }
    expect_interval(cell.pair_mean, mean_of(all));
    expect_interval(cell.category_mean, mean_of({mean_of(by_category["bolt"]), mean_of(by_category["cloth"])}));
  }
}

TEST_F(IntervalsTest, NoChangeIsExactlyZeroAndARealChangeIsNot) {
  const auto cells = gain_intervals(read(test::scored_run().scores));
  for (const auto& cell : cells) {
    if (cell.fusion == "constant") {
      for (const auto& pair : cell.pairs) {
        EXPECT_EQ(pair.gain.gain, 0);
        EXPECT_EQ(pair.gain.low, 0);
        EXPECT_EQ(pair.gain.high, 0);
        EXPECT_FALSE(pair.gain.excludes_zero());
      }
      EXPECT_FALSE(cell.pair_mean.excludes_zero());
    }
    if (cell.fusion == "product") {
      EXPECT_GT(cell.pair_mean.low, 0);
    }
    EXPECT_LE(cell.pair_mean.low, cell.pair_mean.gain);
    EXPECT_GE(cell.pair_mean.high, cell.pair_mean.gain);
  }
}

TEST_F(IntervalsTest, DependOnTheImagesAloneNotOnTheOrderOfRowsOrOtherCells) {
  core::CsvTable table = test::scored_run().scores;
  const auto cells = gain_intervals(read(table));
  core::CsvTable shuffled{table.columns, {}};
  for (const auto& row : table.rows) {
    if (row[table.column("detector")] == "padim" && row[table.column("category")] == "cloth") {
      shuffled.rows.push_back(row);
    }
  }
  core::RandomStream random(3, "order");
  random.shuffle(shuffled.rows);
  for (const auto& cell : gain_intervals(read(shuffled))) {
    for (const auto& pair : cell.pairs) {
      const auto whole = std::find_if(cells.begin(), cells.end(), [&](const auto& one) {
        return one.detector == cell.detector && one.fusion == cell.fusion;
      });
      const auto same = std::find_if(whole->pairs.begin(), whole->pairs.end(), [&](const auto& one) {
        return one.category == pair.category && one.added == pair.added;
      });
      EXPECT_EQ(pair.gain.low, same->gain.low);
      EXPECT_EQ(pair.gain.high, same->gain.high);
    }
  }
}

TEST_F(IntervalsTest, DamagedScoresNameFileAndLine) {
  const core::CsvTable table = test::scored_run().scores;
  const auto changed = [&](const char* column, const std::string& value) {
    core::CsvTable copy = table;
    copy.rows[1][copy.column(column)] = value;
    return copy;
  };
  expect_refused(changed("score_after", "nan"), "score_after");
  expect_refused(changed("score_before", ""), "score_before");
  expect_refused(changed("label_new", "2"), "label_new");
  expect_refused(changed("label_new", "1"), "new labels");
  expect_refused(changed("image", table.rows[0][table.column("image")]), "twice");
  expect_refused(changed("type", "hole"), "image");
  core::CsvTable shorter = table;
  shorter.rows.pop_back();
  expect_refused(shorter, "images");
  core::CsvTable renamed = table;
  renamed.columns[0] = "model";
  expect_refused(renamed, "detector");
}

TEST(GainInterval, ExcludesZeroOnlyWhenItIsAllOnOneSide) {
  EXPECT_TRUE((GainInterval{0.1, 0.01, 0.2}.excludes_zero()));
  EXPECT_TRUE((GainInterval{-0.1, -0.2, -0.01}.excludes_zero()));
  EXPECT_FALSE((GainInterval{0.1, 0, 0.2}.excludes_zero()));
  EXPECT_FALSE((GainInterval{}.excludes_zero()));
  EXPECT_FALSE((GainInterval{}.is_defined()));
}

}  // namespace
}  // namespace normadd::reporting
