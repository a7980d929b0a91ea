// SPDX-License-Identifier: Apache-2.0
// Weights by name: one view of a file or of tensors in memory, with wrapper prefixes removed and every shape checked.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "networks/safetensors.h"

namespace normadd::networks {

/// Extent in an expected shape that accepts any value.
inline constexpr std::int64_t kAnyExtent = -1;

/// Names are seen without the leading "module.", "state_dict." and "model." that training wrappers put before them.
class WeightSource {
 public:
  /// Throws WeightsError when two names become one without their prefixes.
  explicit WeightSource(SafetensorsFile file);
  /// origin names the tensors in messages, e.g. the path they came from.
  WeightSource(const TensorMap& tensors, std::string origin);

  const std::string& origin() const { return origin_; }
  /// Ascending, without prefixes.
  std::vector<std::string> names() const;
  bool contains(const std::string& name) const { return entries_.contains(name); }
  /// Throws WeightsError with the nearest name when it is missing.
  std::vector<std::int64_t> shape(const std::string& name) const;

  /// float32, contiguous; shares memory with its source when that is float32 already. Marks the name as used.
  /// Throws WeightsError naming file, tensor, expected and found shape; or the nearest name when it is missing.
  at::Tensor take(const std::string& name, const std::vector<std::int64_t>& expected_shape);
  /// Any shape.
  at::Tensor take(const std::string& name);
  /// For tensors that need not be loaded; unknown names are allowed.
  void ignore(const std::string& name) { used_.insert(name); }
  /// Names that were neither taken nor ignored, ascending.
  std::vector<std::string> unused() const;

  [[noreturn]] void fail(std::string what, std::string hint) const;

 private:
  struct Entry {
    std::string stored_name;
    at::Tensor tensor;  // undefined while it is in the file only
  };
  void add(const std::string& stored_name, at::Tensor tensor);
  const Entry& entry(const std::string& name) const;

  std::string origin_;
  std::vector<SafetensorsFile> file_;  // none or one
  std::map<std::string, Entry> entries_;
  std::set<std::string> used_;
};

/// "[64, 3, 7, 7]", with "any" for kAnyExtent.
std::string shape_text(const std::vector<std::int64_t>& shape);

}  // namespace normadd::networks
