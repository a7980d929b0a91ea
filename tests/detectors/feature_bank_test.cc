// SPDX-License-Identifier: Apache-2.0
#include "detectors/feature_bank.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <new>
#include <numeric>
#include <vector>

#include "core/random.h"

namespace normadd::detectors {
namespace {

using Numbers = std::vector<std::int64_t>;

void expect_kept(std::int64_t num_rows, const Numbers& numbers) {
  const at::Tensor rows = at::randn({num_rows, 7});
  FeatureBank bank(num_rows, 7);
  bank.rows().copy_(rows);
  const at::Tensor kept = std::move(bank).keep(numbers);
  EXPECT_TRUE(kept.is_contiguous());
  EXPECT_TRUE(at::equal(kept, rows.index_select(0, at::tensor(numbers, at::kLong))));
}

TEST(FeatureBank, KeepsTheNamedRowsInTheirOrder) {
  expect_kept(5, {4});
  expect_kept(5, {0, 1, 2});
  expect_kept(5, {4, 3, 2, 1, 0});
  expect_kept(6, {2, 0, 5, 1});
  core::RandomStream random(1, "rows");
  Numbers all(300);
  std::iota(all.begin(), all.end(), std::int64_t{0});
  for (int i = 0; i < 20; ++i) {
    random.shuffle(all);
    expect_kept(300, Numbers(all.begin(), all.begin() + 1 + static_cast<std::ptrdiff_t>(random.index(300))));
  }
}

TEST(FeatureBank, RowsMayBeRepeated) {
  expect_kept(4, {3, 3, 3, 3});
  expect_kept(5, {2, 0, 2, 4, 0});
  core::RandomStream random(2, "rows");
  for (int i = 0; i < 50; ++i) {
    Numbers numbers(1 + random.index(40));
    for (auto& number : numbers) number = static_cast<std::int64_t>(random.index(40));
    expect_kept(40, numbers);
  }
}

TEST(FeatureBank, GivesBackWhatIsNotKept) {
  const auto resident_bytes = [] {
    std::int64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages >> pages;
    return pages * ::sysconf(_SC_PAGESIZE);
  };
  constexpr std::int64_t kRows = 1 << 14, kDims = 1024, kBytes = kRows * kDims * 4;  // 64 MB
  FeatureBank bank(kRows, kDims);
  bank.rows().fill_(1);
  const auto filled = resident_bytes();
  const at::Tensor kept = std::move(bank).keep({kRows - 1, 3});
  EXPECT_LT(resident_bytes(), filled - kBytes * 9 / 10);
  EXPECT_EQ(kept.sum().item<double>(), 2.0 * kDims);
}

TEST(FeatureBank, ASizeThatNoMachineHasIsRefused) {
  EXPECT_THROW(FeatureBank(std::int64_t{1} << 40, 1 << 12), std::bad_alloc);
}

}  // namespace
}  // namespace normadd::detectors
