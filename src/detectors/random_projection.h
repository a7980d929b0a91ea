// SPDX-License-Identifier: Apache-2.0
// Random directions that a coreset is chosen in, for X -> X W^T.
// Sources: uniform = torch's Linear at initialisation, as amazon-science/patchcore-inspection uses it (no
// Johnson-Lindenstrauss projection); sparse = Li, Hastie, Church, "Very Sparse Random Projections", KDD 2006, with the
// dimensions of Dasgupta and Gupta's bound, as anomalib and scikit-learn.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "core/random.h"

namespace normadd::detectors {

/// [output_dims, input_dims], entries uniform in (-1/sqrt(input_dims), 1/sqrt(input_dims)), no bias.
at::Tensor uniform_projection(std::int64_t input_dims, std::int64_t output_dims, core::RandomStream& random);

/// [output_dims, input_dims], each entry with probability 1/sqrt(input_dims) one of +-input_dims^(1/4) /
/// sqrt(output_dims), otherwise 0.
at::Tensor sparse_projection(std::int64_t input_dims, std::int64_t output_dims, core::RandomStream& random);

/// floor(4 ln(num_rows) / (eps^2/2 - eps^3/3)), at least 1; eps in (0, 1).
std::int64_t johnson_lindenstrauss_dims(std::int64_t num_rows, double epsilon);

/// rows [N, D] float32 contiguous, projection [d, D] -> [N, d]. Bytes do not depend on the number of threads.
at::Tensor project(const at::Tensor& rows, const at::Tensor& projection);

}  // namespace normadd::detectors
