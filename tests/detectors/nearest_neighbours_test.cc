// SPDX-License-Identifier: Apache-2.0
#include "detectors/nearest_neighbours.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/error.h"
#include "support/expect_error.h"

namespace normadd::detectors {
namespace {

void expect_brute_force(const at::Tensor& bank, const at::Tensor& queries, int k) {
  const Neighbours found = NearestNeighbours(bank).find(queries, k);
  const at::Tensor wide = bank.to(at::kDouble);
  for (std::int64_t q = 0; q < queries.size(0); ++q) {
    const at::Tensor squared = (wide - queries[q].to(at::kDouble)).square().sum(1);
    const auto [values, rows] = squared.sort(/*stable=*/true, 0, /*descending=*/false);
    for (int i = 0; i < k; ++i) {
      const auto at = static_cast<std::size_t>(q * k + i);
      ASSERT_EQ(found.rows[at], rows[i].item<std::int64_t>()) << q << " " << i;
      ASSERT_FLOAT_EQ(found.squared_distances[at], static_cast<float>(values[i].item<double>()));
    }
  }
}

TEST(NearestNeighbours, EqualBruteForce) {
  expect_brute_force(at::randn({300, 40}), at::randn({50, 40}), 1);
  expect_brute_force(at::randn({300, 40}), at::randn({50, 40}), 9);
  expect_brute_force(at::randn({5, 3}), at::randn({7, 3}), 5);
  expect_brute_force(at::randn({1, 1}), at::randn({4, 1}), 1);
}

TEST(NearestNeighbours, FarFromTheOriginTheNearestIsStillFound) {
  // |b|^2 - 2 q.b alone loses these differences: norms of 1e6 against distances of 1e-4.
  const at::Tensor bank = at::randn({200, 64}) * 1e-3 + 125, queries = at::randn({40, 64}) * 1e-3 + 125;
  expect_brute_force(bank, queries, 1);
  expect_brute_force(bank, queries, 3);
}

TEST(NearestNeighbours, RowsOfTheBankAreAtDistanceZero) {
  const at::Tensor bank = at::randn({500, 128}) + 3;
  const Neighbours found = NearestNeighbours(bank).find(bank);
  for (std::size_t i = 0; i < 500; ++i) {
    ASSERT_EQ(found.rows[i], static_cast<std::int64_t>(i));
    ASSERT_EQ(found.squared_distances[i], 0.0f);
  }
}

TEST(NearestNeighbours, OfEqualRowsTheFirstIsNamed) {
  const at::Tensor row = at::randn({1, 30});
  const Neighbours found = NearestNeighbours(row.repeat({40, 1})).find(row + 0.1, 3);
  EXPECT_EQ(found.rows, (std::vector<std::int64_t>{0, 1, 2}));
}

TEST(NearestNeighbours, NeitherThreadsNorCutsChangeAnything) {
  const at::Tensor bank = at::randn({257, 100}), queries = at::randn({301, 100});
  const NearestNeighbours neighbours(bank);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const Neighbours whole = neighbours.find(queries, 2);
  at::set_num_threads(2);
  for (std::int64_t first = 0; first < 301; first += 43) {
    const Neighbours part = neighbours.find(queries.narrow(0, first, 43), 2);
    for (std::size_t i = 0; i < part.rows.size(); ++i) {
      const std::size_t at = static_cast<std::size_t>(first) * 2 + i;
      ASSERT_EQ(part.rows[i], whole.rows[at]);
      ASSERT_EQ(part.squared_distances[i], whole.squared_distances[at]);
    }
  }
  at::set_num_threads(threads);
}

TEST(NearestNeighbours, ABankLargerThanOneBlockIsSearchedWhole) {
  // 8 Mi products per block: 300 queries against 60,000 rows take three.
  const at::Tensor bank = at::randn({60000, 2}), queries = bank.narrow(0, 59000, 300).contiguous();
  const Neighbours found = NearestNeighbours(bank).find(queries);
  for (std::size_t i = 0; i < 300; ++i) ASSERT_EQ(found.squared_distances[i], 0.0f);
  EXPECT_LE(NearestNeighbours::working_bytes(60000), std::uint64_t{32} << 20);
}

TEST(NearestNeighbours, RefuseQueriesThatAreNotFinite) {
  const NearestNeighbours neighbours(at::randn({20, 4}));
  const at::Tensor queries = at::full({1, 4}, std::numeric_limits<float>::quiet_NaN());
  test::expect_error<core::DataError>([&] { neighbours.find(queries); }, {"not finite"});
}

}  // namespace
}  // namespace normadd::detectors
