// SPDX-License-Identifier: Apache-2.0
// Tensors of a saved detector, checked before they are trusted.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "networks/safetensors.h"

namespace normadd::detectors {

constexpr std::int64_t kAnyRows = -1;

/// The tensor of that name, contiguous. Throws WeightsError when it is missing, is not float32 of this shape (kAnyRows
/// stands for any number above 0), or has values that are not finite.
at::Tensor saved_tensor(const networks::SafetensorsFile& file, const std::string& name,
                        const std::vector<std::int64_t>& shape);

}  // namespace normadd::detectors
