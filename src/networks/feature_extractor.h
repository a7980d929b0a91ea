// SPDX-License-Identifier: Apache-2.0
// A frozen image network seen from outside: pictures in, named feature maps out.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "imaging/geometry.h"
#include "networks/preprocessing.h"

namespace normadd::networks {

/// Shapes: images [B, 3, H, W] float32, normalised; each tapped map [B, C_i, h_i, w_i] float32.
class FeatureExtractor {
 public:
  virtual ~FeatureExtractor() = default;
  /// One map per tap, in the order in which the taps were asked for at construction. No gradients.
  virtual std::vector<at::Tensor> features(const at::Tensor& images) const = 0;
  /// Channels of each tap.
  virtual std::vector<int> channels() const = 0;
  /// Grid (h, w) of each tap for an input of this size.
  virtual std::vector<imaging::Size> grids(imaging::Size input) const = 0;
  /// How pictures must be prepared for this network.
  virtual const Preprocessing& preprocessing() const = 0;
  /// Multiply-adds x 2 for one image of this size, for estimates.
  virtual double flops(imaging::Size input) const = 0;
  /// What is tapped and how it is computed, e.g. "resnet18 layer2 layer3 float32". Together with preprocessing and
  /// weights_sha256 it fixes the features: what was fitted on one extractor must not be used with another.
  virtual std::string description() const = 0;
  /// sha256 of the weight file.
  virtual const std::string& weights_sha256() const = 0;
};

}  // namespace normadd::networks
