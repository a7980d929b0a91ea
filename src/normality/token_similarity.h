// SPDX-License-Identifier: Apache-2.0
// Similarity of patch tokens with one text direction.
#pragma once

#include <cstddef>
#include <span>

namespace normadd::normality {

/// out[t] = factor * dot(tokens[t], direction) for tokens [out.size(), direction.size()], row by row. The order of the
/// additions is fixed, so that a result does not depend on what else is compared in the same run, on memory alignment
/// or on threads, as it would with a matrix product of a library.
void token_similarity(std::span<const float> tokens, std::span<const float> direction, float factor,
                      std::span<float> out);

}  // namespace normadd::normality
