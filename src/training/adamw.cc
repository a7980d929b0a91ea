// SPDX-License-Identifier: Apache-2.0
#include "training/adamw.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"

namespace normadd::training {
namespace {

struct Update {
  float beta1, beta2, epsilon, decay, step_size, second_correction;
};

// Separate from the class so that the compiler may vectorise it: one pass over four arrays is all that an update costs.
__attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3", "no-math-errno"))) void update_values(
    float* __restrict value, const float* __restrict gradient, float* __restrict first, float* __restrict second,
    std::int64_t count, const Update& u) {
  for (std::int64_t i = 0; i < count; ++i) {
    first[i] = u.beta1 * first[i] + (1 - u.beta1) * gradient[i];
    second[i] = u.beta2 * second[i] + (1 - u.beta2) * gradient[i] * gradient[i];
    value[i] -= u.decay * value[i];
    value[i] -= u.step_size * first[i] / (std::sqrt(second[i] * u.second_correction) + u.epsilon);
  }
}

}  // namespace

AdamW::AdamW(networks::TensorMap weights, const AdamWOptions& options)
    : options_(options), weights_(std::move(weights)) {
  for (auto& [name, tensor] : weights_) {
    NORMADD_CHECK(tensor.is_contiguous() && tensor.scalar_type() == at::kFloat && tensor.is_leaf(), name);
    tensor.requires_grad_(true);
    first_[name] = at::zeros_like(tensor, at::MemoryFormat::Contiguous).detach();
    second_[name] = at::zeros_like(tensor, at::MemoryFormat::Contiguous).detach();
  }
}

void AdamW::clear_gradients() {
  for (auto& [name, tensor] : weights_) tensor.mutable_grad() = at::Tensor();
}

double AdamW::clip_gradients(double max_norm) {
  const at::NoGradGuard no_gradients;
  double sum = 0;
  for (const auto& [name, tensor] : weights_) {
    if (!tensor.grad().defined()) continue;
    const double norm = tensor.grad().norm().item<double>();
    sum += norm * norm;
  }
  const double norm = std::sqrt(sum);
  if (norm > max_norm) {
    for (auto& [name, tensor] : weights_) {
      if (tensor.grad().defined()) tensor.mutable_grad().mul_(max_norm / norm);
    }
  }
  return norm;
}

void AdamW::step(double learning_rate) {
  const at::NoGradGuard no_gradients;
  ++steps_;
  const double first_correction = 1 - std::pow(options_.beta1, static_cast<double>(steps_));
  const double second_correction = 1 - std::pow(options_.beta2, static_cast<double>(steps_));
  for (auto& [name, tensor] : weights_) {
    if (!tensor.grad().defined()) continue;
    const at::Tensor gradient = tensor.grad().contiguous();
    const double decay = tensor.dim() >= 2 ? learning_rate * options_.weight_decay : 0.0;
    const Update update{static_cast<float>(options_.beta1),
                        static_cast<float>(options_.beta2),
                        static_cast<float>(options_.epsilon),
                        static_cast<float>(decay),
                        static_cast<float>(learning_rate / first_correction),
                        static_cast<float>(1 / second_correction)};
    update_values(tensor.data_ptr<float>(), gradient.data_ptr<float>(), first_[name].data_ptr<float>(),
                  second_[name].data_ptr<float>(), tensor.numel(), update);
  }
}

networks::TensorMap AdamW::state() const {
  networks::TensorMap state;
  for (const auto& [name, tensor] : first_) state["first/" + name] = tensor;
  for (const auto& [name, tensor] : second_) state["second/" + name] = tensor;
  return state;
}

void AdamW::restore(const networks::TensorMap& state, std::int64_t steps, const std::string& file) {
  const auto take = [&](const std::string& key, at::Tensor& target) {
    const auto found = state.find(key);
    if (found == state.end() || found->second.sizes() != target.sizes()) {
      throw core::WeightsError(fmt::format("the optimiser's tensor '{}' is missing or of another shape", key), file,
                               "Remove the checkpoint to train from the start.");
    }
    target.copy_(found->second);
  };
  for (auto& [name, tensor] : first_) take("first/" + name, tensor);
  for (auto& [name, tensor] : second_) take("second/" + name, tensor);
  steps_ = steps;
}

double warmup_cosine(double peak, std::int64_t step, std::int64_t warmup, std::int64_t total) {
  if (step < warmup) return peak * static_cast<double>(step + 1) / static_cast<double>(warmup);
  const double done =
      static_cast<double>(step - warmup) / static_cast<double>(std::max<std::int64_t>(1, total - warmup));
  return peak * 0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, done)));
}

}  // namespace normadd::training
