// SPDX-License-Identifier: Apache-2.0
// Adam with decoupled weight decay over a map of named tensors; its whole state can be stored and restored.
// Source: Loshchilov and Hutter, arXiv 1711.05101, algorithm 2; with weight decay 0 it is Adam, Kingma and Ba,
// arXiv 1412.6980, algorithm 1. Same update as torch.optim.AdamW.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "networks/safetensors.h"

namespace normadd::training {

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.0;  // on tensors with two or more axes; scales, biases and scalars are left alone
};

class AdamW {
 public:
  /// Takes the tensors by reference to their storage: contiguous float32 leaves on the CPU, changed in place by step().
  /// They are marked as needing gradients.
  AdamW(networks::TensorMap weights, const AdamWOptions& options);

  void clear_gradients();
  /// Scales all gradients so that their joint L2 norm is at most max_norm; returns the norm before. Summed in double.
  double clip_gradients(double max_norm);
  /// One update. Tensors without a gradient keep their value and moments.
  void step(double learning_rate);

  std::int64_t steps() const { return steps_; }
  /// Moments under "first/<name>" and "second/<name>"; the number of steps is the caller's to keep.
  networks::TensorMap state() const;
  /// Throws WeightsError naming a tensor that is missing or of another shape; file is for the message.
  void restore(const networks::TensorMap& state, std::int64_t steps, const std::string& file);

 private:
  AdamWOptions options_;
  networks::TensorMap weights_, first_, second_;
  std::int64_t steps_ = 0;
};

/// Linear rise from 0 over warmup steps, then half a cosine down to 0 at total; step counts from 0.
double warmup_cosine(double peak, std::int64_t step, std::int64_t warmup, std::int64_t total);

}  // namespace normadd::training
