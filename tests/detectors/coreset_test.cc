// SPDX-License-Identifier: Apache-2.0
#include "detectors/coreset.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "core/error.h"
#include "detectors/random_projection.h"
#include "detectors/small_network.h"
#include "support/expect_error.h"

namespace normadd::detectors {
namespace {

using Rows = std::vector<std::int64_t>;

/// Values on a grid of eighths: every distance is exact in float32, so ties are real ties.
at::Tensor random_rows_on_grid(std::int64_t count, std::int64_t dims, int levels, const char* name) {
  core::RandomStream random(5, name);
  at::Tensor rows = at::empty({count, dims});
  for (std::int64_t i = 0; i < rows.numel(); ++i) {
    rows.data_ptr<float>()[i] = static_cast<float>(random.index(static_cast<std::size_t>(levels))) / 8.0f;
  }
  return rows;
}

struct Selection {
  Rows rows;
  std::vector<double> values;     // of each row when it was taken
  std::vector<double> left_over;  // values of all rows at the end
};

/// Every distance to every centre, with roots, as the definition says.
Selection brute_force(const at::Tensor& projected, const Rows& starts, std::int64_t count) {
  const at::Tensor rows = projected.to(at::kDouble);
  const auto distances = [&](std::int64_t row) { return (rows - rows[row]).square().sum(1).sqrt(); };
  at::Tensor values = at::zeros({rows.size(0)}, at::kDouble);
  for (const std::int64_t start : starts) values += distances(start) / static_cast<double>(starts.size());
  Selection selection;
  for (std::int64_t i = 0; i < count; ++i) {
    const double* const v = values.data_ptr<double>();
    const std::int64_t taken = std::max_element(v, v + values.numel()) - v;
    selection.rows.push_back(taken);
    selection.values.push_back(v[taken]);
    values = at::minimum(values, distances(taken));
  }
  selection.left_over.assign(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
  return selection;
}

TEST(Coreset, TakesTheRowsOfTheReference) {
  const auto file = patchcore_golden();
  const at::Tensor expected = file.tensor("coreset.selected"), starts = file.tensor("coreset.starts");
  const at::Tensor projected = project(file.tensor("coreset.features"), file.tensor("coreset.projection"));
  const Rows found =
      greedy_coreset(projected, Rows(starts.data_ptr<std::int64_t>(), starts.data_ptr<std::int64_t>() + starts.numel()),
                     expected.numel(), "coreset");
  EXPECT_EQ(found, Rows(expected.data_ptr<std::int64_t>(), expected.data_ptr<std::int64_t>() + expected.numel()));
}

TEST(Coreset, AfterOneStartThatIsKeptItTakesTheRowsOfAnomalib) {
  const auto file = patchcore_golden();
  const at::Tensor expected = file.tensor("anomalib.coreset.selected");
  const Rows all(expected.data_ptr<std::int64_t>(), expected.data_ptr<std::int64_t>() + expected.numel());
  const at::Tensor projected =
      project(file.tensor("anomalib.coreset.features"), file.tensor("anomalib.coreset.projection"));
  EXPECT_EQ(greedy_coreset(projected, {all.front()}, std::ssize(all) - 1, "coreset"), Rows(all.begin() + 1, all.end()));
}

TEST(Coreset, ColumnsOfZerosChangeNothing) {
  const at::Tensor rows = at::randn({300, 21});
  const at::Tensor padded = at::constant_pad_nd(rows, {0, coreset_padded_dims(21) - 21});
  EXPECT_EQ(greedy_coreset(padded, {3, 4}, 80, "coreset"), greedy_coreset(rows, {3, 4}, 80, "coreset"));
  EXPECT_LT(coreset_working_bytes(300, padded.size(1), 80), coreset_working_bytes(300, 21, 80));
}

TEST(Coreset, EqualsBruteForceForAnyNumberOfDimensions) {
  for (const std::int64_t dims : {1, 3, 16, 37, 64, 130}) {
    const at::Tensor rows = at::randn({600, dims});
    const Rows starts{3, 599, 17};
    EXPECT_EQ(greedy_coreset(rows, starts, 150, "coreset"), brute_force(rows, starts, 150).rows) << dims;
  }
}

TEST(Coreset, TakesTheFirstOfEqualRows) {
  // Few levels in few dimensions: most values are shared by many rows, and some rows are duplicates. One start, so that
  // the first values are plain distances, which are as equal in float32 as in double.
  for (const int levels : {2, 3, 5}) {
    const at::Tensor rows = random_rows_on_grid(500, 4, levels, "ties");
    EXPECT_EQ(greedy_coreset(rows, {7}, 120, "coreset"), brute_force(rows, {7}, 120).rows) << levels;
  }
}

TEST(Coreset, SmallerSelectionsArePrefixes) {
  const at::Tensor rows = at::randn({500, 20});
  const Rows starts{1, 2, 3}, all = greedy_coreset(rows, starts, 200, "coreset");
  for (const std::size_t count : {0u, 1u, 13u, 50u}) {
    EXPECT_EQ(greedy_coreset(rows, starts, static_cast<std::int64_t>(count), "coreset"),
              Rows(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)));
  }
}

TEST(Coreset, DistanceToTheSelectionNeverGrowsAndSelectedRowsAreCovered) {
  const at::Tensor rows = at::randn({400, 12});
  const Rows starts{0, 5}, found = greedy_coreset(rows, starts, 60, "coreset");
  const Selection reference = brute_force(rows, starts, 60);
  ASSERT_EQ(found, reference.rows);
  EXPECT_TRUE(std::is_sorted(reference.values.rbegin(), reference.values.rend()));
  for (const std::int64_t row : found) EXPECT_EQ(reference.left_over[static_cast<std::size_t>(row)], 0.0);
  EXPECT_EQ(std::set<std::int64_t>(found.begin(), found.end()).size(), found.size());
}

TEST(Coreset, EveryRowCanBeTaken) {
  const at::Tensor rows = at::randn({90, 6});
  const Rows found = greedy_coreset(rows, {4, 20}, 90, "coreset");
  EXPECT_EQ(std::set<std::int64_t>(found.begin(), found.end()).size(), 90u);
}

TEST(Coreset, ThreadsDoNotChangeTheSelection) {
  const at::Tensor features = at::randn({3000, 70});
  core::RandomStream random(1, "projection");
  const at::Tensor projection = uniform_projection(70, 24, random);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor alone = project(features, projection);
  const Rows expected = greedy_coreset(alone, {0, 1}, 400, "coreset");
  for (const int count : {2, 3}) {
    at::set_num_threads(count);
    const at::Tensor shared = project(features, projection);
    EXPECT_TRUE(at::equal(shared, alone)) << count;
    EXPECT_EQ(greedy_coreset(shared, {0, 1}, 400, "coreset"), expected) << count;
  }
  at::set_num_threads(threads);
}

TEST(Coreset, RefusesValuesThatAreNotFinite) {
  at::Tensor rows = at::randn({50, 4});
  rows[20][1] = std::numeric_limits<float>::quiet_NaN();
  test::expect_error<core::DataError>([&] { greedy_coreset(rows, {1, 2}, 5, "coreset"); }, {"not finite"});
}

TEST(RandomRows, AreDistinctAndAtMostAll) {
  core::RandomStream random(2, "rows");
  const Rows ten = random_rows(12, 10, random), all = random_rows(4, 10, random);
  EXPECT_EQ(std::set<std::int64_t>(ten.begin(), ten.end()).size(), 10u);
  EXPECT_EQ(std::set<std::int64_t>(all.begin(), all.end()), (std::set<std::int64_t>{0, 1, 2, 3}));
}

}  // namespace
}  // namespace normadd::detectors
