// SPDX-License-Identifier: Apache-2.0
#include "detectors/gaussian_fit.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "core/error.h"
#include "core/progress.h"

namespace normadd::detectors {
namespace {

/// Images per pass over the sums of products: the more, the less those weigh on memory's bandwidth.
constexpr std::int64_t kBlockImages = 64;
/// Columns of a product that are computed at once; what lies above the diagonal beside them is skipped.
constexpr std::int64_t kBlockColumns = 96;
/// Positions between two looks at the progress.
constexpr std::int64_t kPositionsPerStep = 64;
constexpr double kGigabyte = 1024.0 * 1024.0 * 1024.0;

__attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3"))) void add_to(const float* values,
                                                                                         std::int64_t count,
                                                                                         float* sums) {
  for (std::int64_t i = 0; i < count; ++i) sums[i] += values[i];
}

/// rows [n, d] about their shift; the sums of what remains are added to sums.
__attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3"))) void centre(
    float* rows, std::int64_t count, std::int64_t dims, const float* shift, double* sums) {
  for (std::int64_t n = 0; n < count; ++n) {
    float* const row = rows + n * dims;
    for (std::int64_t i = 0; i < dims; ++i) {
      row[i] -= shift[i];
      sums[i] += row[i];
    }
  }
}

/// products += X^T X in packed form; rows X [n, d], scratch [kBlockColumns * d].
void add_products(const at::Tensor& rows, const at::Tensor& scratch, float* products) {
  const std::int64_t dims = rows.size(1);
  for (std::int64_t first = 0; first < dims; first += kBlockColumns) {
    const std::int64_t columns = std::min(kBlockColumns, dims - first), length = dims - first;
    at::Tensor product = scratch.narrow(0, 0, columns * length).view({columns, length});
    at::mm_out(product, rows.narrow(1, first, columns).t(), rows.narrow(1, first, length));
    const float* values = product.data_ptr<float>();
    for (std::int64_t j = 0; j < columns; ++j) {
      add_to(values + j * length + j, length - j, products + packed_column(dims, first + j));
    }
  }
}

/// The covariance from its sums, as the upper triangle of a row-major matrix.
void finish_covariance(const float* products, const double* sums, std::int64_t dims, std::int64_t count,
                       double regularisation, double* matrix) {
  const auto images = static_cast<double>(count);
  for (std::int64_t j = 0; j < dims; ++j) {
    const float* const column = products + packed_column(dims, j);
    double* const row = matrix + j * dims;
    for (std::int64_t i = j; i < dims; ++i) {
      row[i] = (column[i - j] - sums[j] * sums[i] / images) / (images - 1);
    }
    row[j] += regularisation;
  }
}

std::string memory_text(std::uint64_t bytes) {
  return fmt::format("{:.3g} GiB", static_cast<double>(bytes) / kGigabyte);
}

}  // namespace

std::uint64_t GaussianFit::bytes(std::int64_t positions, std::int64_t dims, std::int64_t num_images) {
  const std::int64_t block = std::min(kBlockImages, num_images);
  const std::int64_t per_position = (packed_size(dims) + (block + 1) * dims) * 4 + dims * 8;
  // A matrix and its factor in double precision for each thread.
  return static_cast<std::uint64_t>(positions * per_position + at::get_num_threads() * 2 * dims * dims * 8);
}

GaussianFit::GaussianFit(std::int64_t positions, std::int64_t dims, std::int64_t num_images)
    : positions_(positions), dims_(dims), num_images_(num_images) {
  NORMADD_CHECK(positions >= 1 && dims >= 1 && num_images >= 2,
                fmt::format("{} positions, {} dims, {} images", positions, dims, num_images));
  try {
    products_ = at::zeros({positions, packed_size(dims)});
    block_ = at::empty({positions, std::min(kBlockImages, num_images), dims});
    shift_ = at::zeros({positions, dims});
    sums_ = at::zeros({positions, dims}, at::kDouble);
  } catch (const c10::Error&) {
    throw core::ConfigError(fmt::format("this machine cannot give {} for {} covariances of {} dimensions",
                                        memory_text(bytes(positions, dims, num_images)), positions, dims),
                            "detector.memory_limit_gb", "Lower detector.dims or backbone.crop_px.");
  }
}

void GaussianFit::add(const at::Tensor& features) {
  NORMADD_CHECK(added_ < num_images_ && features.is_contiguous() && features.scalar_type() == at::kFloat &&
                    features.sizes() == at::IntArrayRef({positions_, dims_}),
                fmt::format("{} images, {} features", added_, features.numel()));
  if (!at::isfinite(features).all().item<bool>()) {
    throw core::DataError(
        fmt::format("the network gives values that are not finite for training image number {}", added_ + 1), "",
        "Check the backbone's weights.");
  }
  block_.select(1, pending_).copy_(features);
  ++pending_;
  ++added_;
  if (pending_ == block_.size(1) || added_ == num_images_) accumulate();
}

void GaussianFit::accumulate() {
  const bool first = added_ == pending_;
  const std::int64_t capacity = block_.size(1);
  at::parallel_for(0, positions_, 8, [&](std::int64_t begin, std::int64_t end) {
    const at::Tensor scratch = at::empty({std::min(kBlockColumns, dims_) * dims_});
    for (std::int64_t p = begin; p < end; ++p) {
      at::Tensor rows = block_.select(0, p).narrow(0, 0, pending_);
      if (first) shift_.select(0, p).copy_(rows.mean(0));
      centre(rows.data_ptr<float>(), pending_, dims_, shift_.data_ptr<float>() + p * dims_,
             sums_.data_ptr<double>() + p * dims_);
      add_products(rows, scratch, products_.data_ptr<float>() + p * packed_size(dims_));
    }
  });
  NORMADD_CHECK(pending_ <= capacity, fmt::format("{} of {}", pending_, capacity));
  pending_ = 0;
}

PositionGaussians GaussianFit::finish(double regularisation) {
  NORMADD_CHECK(added_ == num_images_, fmt::format("{} of {} images", added_, num_images_));
  block_.reset();
  std::atomic<std::int64_t> indefinite{-1};
  core::Progress progress("covariances", static_cast<std::size_t>(positions_));
  for (std::int64_t step = 0; step < positions_; step += kPositionsPerStep) {
    const std::int64_t last = std::min(positions_, step + kPositionsPerStep);
    at::parallel_for(step, last, 4, [&](std::int64_t begin, std::int64_t end) {
      const at::Tensor matrix = at::zeros({dims_, dims_}, at::kDouble);
      for (std::int64_t p = begin; p < end; ++p) {
        float* const packed = products_.data_ptr<float>() + p * packed_size(dims_);
        finish_covariance(packed, sums_.data_ptr<double>() + p * dims_, dims_, num_images_, regularisation,
                          matrix.data_ptr<double>());
        // Transposed views: LAPACK reads and writes columns, so nothing is copied across.
        const auto [lower, info] = at::linalg_cholesky_ex(matrix.t());
        if (info.item<int>() != 0) indefinite = p;
        const at::Tensor columns = lower.t().contiguous();
        const double* const values = columns.data_ptr<double>();
        for (std::int64_t j = 0; j < dims_; ++j) {
          float* const column = packed + packed_column(dims_, j);
          for (std::int64_t i = j; i < dims_; ++i) column[i - j] = static_cast<float>(values[j * dims_ + i]);
        }
      }
    });
    if (indefinite >= 0) {
      throw core::ConfigError(fmt::format("the covariance at position {} is not positive definite with {} added to its "
                                          "diagonal",
                                          indefinite.load(), regularisation),
                              "detector.regularisation", "Raise detector.regularisation.");
    }
    progress.advance(static_cast<std::size_t>(last - step));
  }
  at::Tensor mean = at::empty({positions_, dims_});
  const double* const sums = sums_.data_ptr<double>();
  for (std::int64_t i = 0; i < mean.numel(); ++i) {
    mean.data_ptr<float>()[i] =
        static_cast<float>(shift_.data_ptr<float>()[i] + sums[i] / static_cast<double>(num_images_));
  }
  return {std::move(mean), std::move(products_)};
}

}  // namespace normadd::detectors
