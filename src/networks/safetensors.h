// SPDX-License-Identifier: Apache-2.0
// The safetensors format: strict, memory-mapped reader and atomic writer.
// Source: the format's specification (huggingface/safetensors README). Layout: u64 little-endian header size N, N bytes
// JSON, buffer.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace normadd::networks {

using TensorMap = std::map<std::string, at::Tensor>;

/// An opened file. Tensors share its mapping (no copy) and keep it alive; the mapping is private, so writing into such
/// a tensor never reaches the file. The file must not be shortened while it is open.
class SafetensorsFile {
 public:
  /// Checks the whole header; throws WeightsError naming the file, the tensor and the broken rule.
  static SafetensorsFile open(const std::filesystem::path& path);

  const std::filesystem::path& path() const;
  /// Ascending.
  std::vector<std::string> names() const;
  bool contains(const std::string& name) const;
  std::vector<std::int64_t> shape(const std::string& name) const;
  /// As written in the file: "F32", "BF16", …
  std::string dtype(const std::string& name) const;
  /// Own dtype, C order. Throws WeightsError with the nearest name when there is none of that name, and when LibTorch
  /// has no such dtype (8-bit floats, unsigned integers wider than 8 bits).
  at::Tensor tensor(const std::string& name) const;
  /// All of them, under their own names. Same errors.
  TensorMap tensors() const;
  const std::map<std::string, std::string>& metadata() const;

 private:
  struct Mapping;
  std::shared_ptr<const Mapping> mapping_;
};

/// Writes atomically, ordered by alignment then name, with the given string metadata ("format": "pt" is added).
/// Tensors may be views, on any device and need gradients; bool, integers and floats of 16 to 64 bits.
/// Throws OutputError naming the file.
void write_safetensors(const std::filesystem::path& path, const TensorMap& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace normadd::networks
