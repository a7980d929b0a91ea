// SPDX-License-Identifier: Apache-2.0
#include "detectors/random_projection.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"

namespace normadd::detectors {

at::Tensor uniform_projection(std::int64_t input_dims, std::int64_t output_dims, core::RandomStream& random) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(input_dims));
  at::Tensor projection = at::empty({output_dims, input_dims});
  float* values = projection.data_ptr<float>();
  for (std::int64_t i = 0; i < projection.numel(); ++i) values[i] = static_cast<float>(random.uniform(-bound, bound));
  return projection;
}

at::Tensor sparse_projection(std::int64_t input_dims, std::int64_t output_dims, core::RandomStream& random) {
  const double root = std::sqrt(static_cast<double>(input_dims));
  const auto entry = static_cast<float>(std::sqrt(root / static_cast<double>(output_dims)));
  at::Tensor projection = at::zeros({output_dims, input_dims});
  float* values = projection.data_ptr<float>();
  for (std::int64_t i = 0; i < projection.numel(); ++i) {
    if (random.chance(1.0 / root)) values[i] = random.chance(0.5) ? entry : -entry;
  }
  return projection;
}

std::int64_t johnson_lindenstrauss_dims(std::int64_t num_rows, double epsilon) {
  NORMADD_CHECK(num_rows > 0 && epsilon > 0 && epsilon < 1, std::to_string(epsilon));
  const double denominator = epsilon * epsilon / 2 - epsilon * epsilon * epsilon / 3;
  return std::max<std::int64_t>(1,
                                static_cast<std::int64_t>(4 * std::log(static_cast<double>(num_rows)) / denominator));
}

at::Tensor project(const at::Tensor& rows, const at::Tensor& projection) {
  // Cut by a fixed size and each piece on one thread: how a library shares out one product may change its last bits,
  // and a last bit can turn the greedy selection.
  constexpr std::int64_t kPiece = 512;
  at::Tensor projected = at::empty({rows.size(0), projection.size(0)});
  const at::Tensor transposed = projection.t();
  at::parallel_for(0, (rows.size(0) + kPiece - 1) / kPiece, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t piece = begin; piece < end; ++piece) {
      const std::int64_t first = piece * kPiece, count = std::min(kPiece, rows.size(0) - first);
      at::Tensor out = projected.narrow(0, first, count);
      at::mm_out(out, rows.narrow(0, first, count), transposed);
    }
  });
  return projected;
}

}  // namespace normadd::detectors
