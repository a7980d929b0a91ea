// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "core/random.h"

namespace normadd::training {

/// Uniform float64 values in [low, high), the same on every machine.
inline at::Tensor random_tensor(const std::string& name, at::IntArrayRef shape, double low, double high) {
  at::Tensor tensor = at::empty(shape, at::kDouble);
  core::RandomStream random(5, name);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) tensor.data_ptr<double>()[i] = random.uniform(low, high);
  return tensor;
}

/// Largest absolute difference between autograd's gradient of a scalar function at x and central differences.
inline double gradient_error(const std::function<at::Tensor(const at::Tensor&)>& function, const at::Tensor& x) {
  at::Tensor leaf = x.detach().clone().requires_grad_(true);
  function(leaf).backward();
  const at::Tensor gradient = leaf.grad();
  constexpr double kStep = 1e-6;
  double error = 0;
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const auto value_at = [&](double shift) {
      at::Tensor moved = x.detach().clone();
      moved.data_ptr<double>()[i] += shift;
      return function(moved).item<double>();
    };
    const double numeric = (value_at(kStep) - value_at(-kStep)) / (2 * kStep);
    error = std::max(error, std::abs(numeric - gradient.contiguous().data_ptr<double>()[i]));
  }
  return error;
}

}  // namespace normadd::training
