// SPDX-License-Identifier: Apache-2.0
#include "detectors/gaussian_fit.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "detectors/plain_cholesky.h"
#include "support/expect_error.h"

namespace normadd::detectors {
namespace {

PositionGaussians fitted(const at::Tensor& images, double regularisation) {
  GaussianFit fit(images.size(1), images.size(2), images.size(0));
  for (std::int64_t i = 0; i < images.size(0); ++i) fit.add(images[i].contiguous());
  return fit.finish(regularisation);
}

/// Distances of queries [B, P, d] by textbook formulas in double precision. [B, P].
at::Tensor plain_distances(const at::Tensor& images, const at::Tensor& queries, double regularisation) {
  at::Tensor distances = at::empty({queries.size(0), queries.size(1)}, at::kDouble);
  for (std::int64_t p = 0; p < images.size(1); ++p) {
    const at::Tensor rows = images.select(1, p).to(at::kDouble), mean = rows.mean(0), centred = rows - mean;
    const at::Tensor covariance = centred.t().mm(centred) / static_cast<double>(rows.size(0) - 1) +
                                  regularisation * at::eye(rows.size(1), at::kDouble);
    const at::Tensor factor = plain_cholesky(covariance);
    for (std::int64_t b = 0; b < queries.size(0); ++b) {
      distances[b][p] = plain_solve(factor, queries[b][p].to(at::kDouble) - mean).norm();
    }
  }
  return distances;
}

double largest_relative_error(const at::Tensor& values, const at::Tensor& expected) {
  return ((values.to(at::kDouble) - expected) / expected).abs().max().item<double>();
}

/// Images whose channels correlate, of variance about 1: [N, P, d].
at::Tensor correlated(std::int64_t count, std::int64_t positions, std::int64_t dims) {
  at::manual_seed(5);
  const at::Tensor mixing = at::randn({positions, dims, dims}) / std::sqrt(static_cast<double>(dims));
  return (at::einsum("npe,ped->npd", {at::randn({count, positions, dims}), mixing}) + 3).contiguous();
}

struct Size {
  std::int64_t images, dims;
};

class GaussianFitSizes : public ::testing::TestWithParam<Size> {};

// Fewer and more images than dimensions, than a block of images, and dimensions that leave a rest of 1 to 3 columns.
TEST_P(GaussianFitSizes, DistancesEqualTheTextbooks) {
  const auto [count, dims] = GetParam();
  const at::Tensor images = correlated(count, 3, dims), queries = correlated(count + 2, 3, dims).narrow(0, count, 2);
  EXPECT_LE(largest_relative_error(fitted(images, 0.01).distances(queries.contiguous().clone()),
                                   plain_distances(images, queries, 0.01)),
            1e-4);
}

INSTANTIATE_TEST_SUITE_P(All, GaussianFitSizes,
                         ::testing::Values(Size{2, 1}, Size{2, 7}, Size{9, 30}, Size{64, 17}, Size{65, 34},
                                           Size{150, 99}, Size{30, 200}));

TEST(GaussianFit, MeanIsTheMean) {
  const at::Tensor images = correlated(150, 4, 6);
  EXPECT_TRUE(at::allclose(fitted(images, 0.01).mean(), images.mean(0), 1e-5, 1e-5));
}

// The sums are taken about the first block's mean, which the rest may be far from.
TEST(GaussianFit, LargeMeansAndDriftCostNoPrecision) {
  at::Tensor images = correlated(150, 2, 20) + 500;
  images.narrow(0, 100, 50).add_(20);
  const at::Tensor queries = images.narrow(0, 60, 2) + 1;
  EXPECT_LE(largest_relative_error(fitted(images, 0.01).distances(queries.contiguous()),
                                   plain_distances(images, queries, 0.01)),
            1e-4);
}

TEST(GaussianFit, AnImagesDistanceDependsNotOnItsCompany) {
  const PositionGaussians gaussians = fitted(correlated(20, 5, 33), 0.01);
  const at::Tensor queries = correlated(7, 5, 33);
  const at::Tensor together = gaussians.distances(queries.contiguous().clone());
  for (std::int64_t i = 0; i < 7; ++i) {
    EXPECT_TRUE(at::equal(gaussians.distances(queries.narrow(0, i, 1).clone())[0], together[i])) << i;
  }
}

TEST(GaussianFit, IndefiniteCovariancesNameTheRegularisation) {
  at::Tensor images = at::zeros({2, 1, 3});
  images[1].fill_(1);  // three times the same channel, and a regularisation that vanishes beside it
  test::expect_error<core::ConfigError>([&] { fitted(images, 1e-30); },
                                        {"not positive definite", "detector.regularisation"});
}

TEST(GaussianFit, ValuesThatAreNotFiniteAreRefused) {
  at::Tensor images = correlated(3, 2, 4);
  images[1][0][2] = std::nanf("");
  test::expect_error<core::DataError>([&] { fitted(images, 0.01); }, {"image number 2", "not finite"});
}

TEST(PositionGaussians, ValidityMeansFiniteWithPositiveDiagonals) {
  const PositionGaussians good = fitted(correlated(9, 20, 5), 0.01);
  EXPECT_TRUE(good.valid());
  const auto changed = [&](std::int64_t position, std::int64_t element, float value) {
    at::Tensor factor = good.factor().clone();
    factor[position][element] = value;
    return PositionGaussians(good.mean(), factor);
  };
  EXPECT_FALSE(changed(19, 14, std::nanf("")).valid());
  EXPECT_FALSE(changed(0, 1, -INFINITY).valid());
  EXPECT_FALSE(changed(7, packed_column(5, 1), 0).valid());
  EXPECT_FALSE(changed(7, packed_column(5, 4), -1).valid());
  EXPECT_TRUE(changed(7, packed_column(5, 4) - 1, -1).valid());
  EXPECT_FALSE(PositionGaussians(good.mean() / 0, good.factor()).valid());
}

// Some builds of LibTorch invert batches of matrices wrongly, silently. What is used here must be right in whichever is
// linked, with several threads.
class LinearAlgebra : public ::testing::TestWithParam<std::int64_t> {};

TEST_P(LinearAlgebra, BatchedCholeskyAndTriangularSolvesAreRight) {
  const std::int64_t n = GetParam(), threads = at::get_num_threads();
  at::set_num_threads(2);
  std::vector<at::Tensor> matrices, factors, sides, solutions;
  for (std::uint64_t i = 0; i < 3; ++i) {
    matrices.push_back(covariance_like(n, i));
    factors.push_back(plain_cholesky(matrices.back()));
    sides.push_back(at::randn({n}, at::kDouble));
    solutions.push_back(plain_solve(factors.back(), sides.back()));
  }
  const at::Tensor matrix = at::stack(matrices), expected = at::stack(factors), solution = at::stack(solutions);
  const auto error = [](const at::Tensor& a, const at::Tensor& b) {
    return ((a - b).norm() / b.norm()).item<double>();
  };
  for (const auto& [dtype, tolerance] : {std::pair(at::kDouble, 1e-11), std::pair(at::kFloat, 2e-3)}) {
    const auto [batched, info] = at::linalg_cholesky_ex(matrix.to(dtype));
    EXPECT_EQ(info.abs().sum().item<int>(), 0);
    EXPECT_LE(error(batched.to(at::kDouble), expected), tolerance) << dtype;
    const at::Tensor solved = at::linalg_solve_triangular(expected.to(dtype), at::stack(sides).to(dtype).unsqueeze(2),
                                                          /*upper=*/false);
    EXPECT_LE(error(solved.squeeze(2).to(at::kDouble), solution), tolerance) << dtype;
  }
  // As the fit calls it: transposed views, from several threads at once.
  at::Tensor parallel = at::empty_like(expected);
  at::parallel_for(0, 3, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      parallel[i].copy_(std::get<0>(at::linalg_cholesky_ex(matrix[i].triu().contiguous().t())));
    }
  });
  EXPECT_LE(error(parallel, expected), 1e-11);
  at::set_num_threads(static_cast<int>(threads));
}

INSTANTIATE_TEST_SUITE_P(Sizes, LinearAlgebra, ::testing::Values(256, 550));

}  // namespace
}  // namespace normadd::detectors
