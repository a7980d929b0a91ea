// SPDX-License-Identifier: Apache-2.0
// The header of a safetensors file: its JSON turned into checked entries, and the table of element types.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace normadd::networks {

/// Longest header that the format allows.
inline constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;

/// Bytes of one element of a dtype as the format names it; 0 for an unknown one.
std::uint64_t safetensors_element_bytes(std::string_view dtype);
/// All names that safetensors_element_bytes knows, for messages.
std::string safetensors_dtype_names();

struct SafetensorsEntry {
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;  // bytes from the start of the buffer
  std::uint64_t end = 0;
};

struct SafetensorsHeader {
  std::map<std::string, SafetensorsEntry> entries;
  std::map<std::string, std::string> metadata;
};

/// text is the JSON, buffer_bytes what follows it in the file, file its name for messages. Throws WeightsError unless:
/// valid JSON object without duplicate keys; each entry has exactly dtype, shape and data_offsets; end - begin fits
/// shape and dtype without overflow; sorted, the entries cover the buffer from its first to its last byte without hole
/// or overlap; metadata are strings.
SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t buffer_bytes, const std::string& file);

}  // namespace normadd::networks
