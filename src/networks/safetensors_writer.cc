// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "networks/safetensors.h"

namespace normadd::networks {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kAlignment = 8;

const char* dtype_name(at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return "F32";
    case at::kHalf:
      return "F16";
    case at::kBFloat16:
      return "BF16";
    case at::kDouble:
      return "F64";
    case at::kBool:
      return "BOOL";
    case at::kByte:
      return "U8";
    case at::kChar:
      return "I8";
    case at::kShort:
      return "I16";
    case at::kInt:
      return "I32";
    case at::kLong:
      return "I64";
    default:
      return nullptr;
  }
}

std::string header_text(const std::vector<std::pair<std::string, at::Tensor>>& ordered,
                        const std::map<std::string, std::string>& metadata, const std::string& file) {
  ordered_json header = ordered_json::object();
  header["__metadata__"]["format"] = "pt";
  for (const auto& [key, value] : metadata) header["__metadata__"][key] = value;
  std::uint64_t begin = 0;
  for (const auto& [name, tensor] : ordered) {
    const char* dtype = dtype_name(tensor.scalar_type());
    if (dtype == nullptr || name == "__metadata__") {
      throw core::OutputError(fmt::format("tensor '{}' of dtype {} cannot be stored as safetensors", name,
                                          c10::toString(tensor.scalar_type())),
                              file, "Store floats, integers or bools under another name than __metadata__.");
    }
    const std::uint64_t end = begin + tensor.nbytes();
    header[name] = {{"dtype", dtype}, {"shape", tensor.sizes().vec()}, {"data_offsets", {begin, end}}};
    begin = end;
  }
  try {
    std::string text = header.dump();
    text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
    return text;
  } catch (const nlohmann::json::exception&) {
    throw core::OutputError("a tensor name or metadata value is not valid UTF-8", file, "Use plain text names.");
  }
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const TensorMap& tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::vector<std::pair<std::string, at::Tensor>> ordered;
  for (const auto& [name, tensor] : tensors) {
    NORMADD_CHECK(tensor.defined(), name);
    ordered.emplace_back(name, tensor.detach().cpu().contiguous());
  }
  // The map is sorted by name already; a stable sort keeps that order within each element size.
  std::ranges::stable_sort(ordered, std::greater{}, [](const auto& item) { return item.second.element_size(); });
  const std::string header = header_text(ordered, metadata, path.string());
  const std::uint64_t header_bytes = header.size();
  core::AtomicFile file(path);
  file.append(&header_bytes, sizeof header_bytes);
  file.append(header);
  for (const auto& item : ordered) {
    if (item.second.numel() > 0) file.append(item.second.data_ptr(), item.second.nbytes());
  }
  file.commit();
}

}  // namespace normadd::networks
