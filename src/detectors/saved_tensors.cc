// SPDX-License-Identifier: Apache-2.0
#include "detectors/saved_tensors.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.h"

namespace normadd::detectors {

at::Tensor saved_tensor(const networks::SafetensorsFile& file, const std::string& name,
                        const std::vector<std::int64_t>& shape) {
  const at::Tensor tensor = file.tensor(name);
  bool fits = tensor.dim() == static_cast<std::int64_t>(shape.size()) && tensor.scalar_type() == at::kFloat;
  for (std::size_t i = 0; fits && i < shape.size(); ++i) {
    const std::int64_t size = tensor.size(static_cast<std::int64_t>(i));
    fits = shape[i] == kAnyRows ? size > 0 : size == shape[i];
  }
  if (!fits) {
    throw core::WeightsError(fmt::format("the tensor '{}' of the saved detector is {} {}, not of this model's sizes",
                                         name, file.dtype(name), fmt::join(tensor.sizes(), "x")),
                             file.path().string(), "Fit the detector again.");
  }
  if (!at::isfinite(tensor).all().item<bool>()) {
    throw core::WeightsError(fmt::format("the tensor '{}' of the saved detector has values that are not finite", name),
                             file.path().string(), "Fit the detector again.");
  }
  return tensor.contiguous();
}

}  // namespace normadd::detectors
