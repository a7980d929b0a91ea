// SPDX-License-Identifier: Apache-2.0
#include "detectors/random_projection.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace normadd::detectors {
namespace {

TEST(RandomProjection, UniformOneFillsItsRangeEvenly) {
  core::RandomStream random(9, "projection");
  const at::Tensor projection = uniform_projection(100, 64, random);
  EXPECT_EQ(projection.sizes(), (std::vector<std::int64_t>{64, 100}));
  EXPECT_LE(projection.abs().max().item<double>(), 0.1);
  EXPECT_GT(projection.abs().max().item<double>(), 0.0999);
  EXPECT_NEAR(projection.mean().item<double>(), 0, 0.003);
  EXPECT_NEAR(projection.square().mean().item<double>(), 0.01 / 3, 1e-4);
}

TEST(RandomProjection, SparseOneHasFewEntriesOfOneSize) {
  core::RandomStream random(9, "projection");
  const at::Tensor projection = sparse_projection(1600, 250, random);
  EXPECT_EQ(projection.sizes(), (std::vector<std::int64_t>{250, 1600}));
  const double entry = std::sqrt(40.0 / 250);
  const at::Tensor sizes = projection.abs();
  EXPECT_TRUE(((sizes == 0) | ((sizes - entry).abs() < 1e-6)).all().item<bool>());
  // 10,000 of 400,000 expected: five standard deviations are 500.
  EXPECT_NEAR((projection > 0).sum().item<double>(), 5000, 350);
  EXPECT_NEAR((projection < 0).sum().item<double>(), 5000, 350);
}

TEST(RandomProjection, SparseOneKeepsLengthsOnAverage) {
  core::RandomStream random(3, "projection");
  const at::Tensor rows = at::randn({200, 900});
  const at::Tensor projected = project(rows, sparse_projection(900, 300, random));
  EXPECT_NEAR((projected.square().sum() / rows.square().sum()).item<double>(), 1, 0.05);
}

TEST(RandomProjection, DimensionsOfTheBoundAreThoseOfAnomalib) {
  EXPECT_EQ(johnson_lindenstrauss_dims(171696, 0.9), 297);
  EXPECT_EQ(johnson_lindenstrauss_dims(200, 0.9), 130);  // the sampler's projection in the golden
  EXPECT_EQ(johnson_lindenstrauss_dims(1, 0.9), 1);
  EXPECT_GT(johnson_lindenstrauss_dims(200, 0.5), 130);
}

}  // namespace
}  // namespace normadd::detectors
