// SPDX-License-Identifier: Apache-2.0
#include "networks/safetensors_header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/error.h"

namespace normadd::networks {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 15> kElementBytes{{{"BOOL", 1},
                                                                                    {"U8", 1},
                                                                                    {"I8", 1},
                                                                                    {"F8_E5M2", 1},
                                                                                    {"F8_E4M3", 1},
                                                                                    {"I16", 2},
                                                                                    {"U16", 2},
                                                                                    {"F16", 2},
                                                                                    {"BF16", 2},
                                                                                    {"I32", 4},
                                                                                    {"U32", 4},
                                                                                    {"F32", 4},
                                                                                    {"F64", 8},
                                                                                    {"I64", 8},
                                                                                    {"U64", 8}}};

constexpr const char* kDamaged = "The file is damaged or was not written as safetensors; download or convert it again.";

[[noreturn]] void fail(const std::string& file, std::string what) {
  throw core::WeightsError(std::move(what), file, kDamaged);
}

/// The parser itself keeps the last of two equal keys; a second one is refused here, at any depth.
json parse_without_duplicates(std::string_view text, const std::string& file) {
  if (text.empty() || text.front() != '{') fail(file, "the safetensors header does not start with '{'");
  // nlohmann's parser takes a zero byte for the end of the text and would ignore what follows.
  if (text.find('\0') != std::string_view::npos) fail(file, "the safetensors header contains a zero byte");
  // A header is four levels deep at most; much deeper ones would exhaust the stack of whoever walks through them.
  constexpr int kDeepest = 16;
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, json::parse_event_t event, json& value) {
    if (depth > kDeepest) fail(file, "the safetensors header is nested too deeply");
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) {
      fail(file, fmt::format("the safetensors header has the key '{}' twice", value.get<std::string>()));
    }
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), watch);
  } catch (const json::exception& error) {
    fail(file, fmt::format("the safetensors header is not valid JSON ({})", error.what()));
  }
}

std::uint64_t whole_number(const json& value, const char* field, const std::string& tensor, const std::string& file) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
    fail(file, fmt::format("tensor '{}': {} holds {}, which is not a whole number from 0 to 2^63 - 1", tensor, field,
                           value.dump()));
  }
  return value.get<std::uint64_t>();
}

std::map<std::string, std::string> parse_metadata(const json& node, const std::string& file) {
  if (!node.is_object()) fail(file, "__metadata__ in the safetensors header is not an object");
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : node.items()) {
    if (!value.is_string()) fail(file, fmt::format("__metadata__ value of '{}' is not a string", key));
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

SafetensorsEntry parse_entry(const std::string& name, const json& node, const std::string& file) {
  if (!node.is_object()) fail(file, fmt::format("tensor '{}': its header entry is not an object", name));
  for (const auto& item : node.items()) {
    if (item.key() != "dtype" && item.key() != "shape" && item.key() != "data_offsets") {
      fail(file, fmt::format("tensor '{}': unknown field '{}' in its header entry", name, item.key()));
    }
  }
  for (const char* field : {"dtype", "shape", "data_offsets"}) {
    if (!node.contains(field)) fail(file, fmt::format("tensor '{}': its header entry lacks '{}'", name, field));
  }
  SafetensorsEntry entry;
  if (!node["dtype"].is_string()) fail(file, fmt::format("tensor '{}': its dtype is not a string", name));
  entry.dtype = node["dtype"].get<std::string>();
  const std::uint64_t element_bytes = safetensors_element_bytes(entry.dtype);
  if (element_bytes == 0) {
    throw core::WeightsError(fmt::format("tensor '{}' has the unknown dtype '{}'", name, entry.dtype), file,
                             "Convert it to one of: " + safetensors_dtype_names() + ".");
  }
  if (!node["shape"].is_array()) fail(file, fmt::format("tensor '{}': its shape is not a list", name));
  std::uint64_t bytes = element_bytes;
  for (const auto& value : node["shape"]) {
    const std::uint64_t extent = whole_number(value, "shape", name, file);
    entry.shape.push_back(static_cast<std::int64_t>(extent));
    if (__builtin_mul_overflow(bytes, extent, &bytes)) {
      fail(file, fmt::format("tensor '{}': its shape [{}] overflows 64 bits", name, fmt::join(entry.shape, ", ")));
    }
  }
  const auto& offsets = node["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2) {
    fail(file, fmt::format("tensor '{}': data_offsets is not a list of two numbers", name));
  }
  entry.begin = whole_number(offsets[0], "data_offsets", name, file);
  entry.end = whole_number(offsets[1], "data_offsets", name, file);
  if (entry.end < entry.begin || entry.end - entry.begin != bytes) {
    fail(file, fmt::format("tensor '{}': shape [{}] of {} needs {} bytes, but data_offsets are [{}, {}]", name,
                           fmt::join(entry.shape, ", "), entry.dtype, bytes, entry.begin, entry.end));
  }
  return entry;
}

void check_coverage(const std::map<std::string, SafetensorsEntry>& entries, std::uint64_t buffer_bytes,
                    const std::string& file) {
  std::vector<std::pair<const std::string*, const SafetensorsEntry*>> sorted;
  sorted.reserve(entries.size());
  for (const auto& [name, entry] : entries) sorted.emplace_back(&name, &entry);
  std::ranges::sort(sorted, {}, [](const auto& item) { return std::pair(item.second->begin, item.second->end); });
  std::uint64_t expected = 0;
  for (const auto& [name, entry] : sorted) {
    if (entry->begin < expected) {
      fail(file, fmt::format("tensor '{}' starts at byte {} and overlaps the tensor before it, which ends at {}", *name,
                             entry->begin, expected));
    }
    if (entry->begin > expected) {
      fail(file, fmt::format("there is a hole of {} bytes before tensor '{}'", entry->begin - expected, *name));
    }
    expected = entry->end;
  }
  if (expected > buffer_bytes) {
    fail(file, fmt::format("the file is truncated: its tensors need {} bytes, {} are there", expected, buffer_bytes));
  }
  if (expected < buffer_bytes) {
    fail(file, fmt::format("the file has {} bytes after its last tensor", buffer_bytes - expected));
  }
}

}  // namespace

std::uint64_t safetensors_element_bytes(std::string_view dtype) {
  for (const auto& [name, bytes] : kElementBytes) {
    if (name == dtype) return bytes;
  }
  return 0;
}

std::string safetensors_dtype_names() {
  std::vector<std::string_view> names;
  for (const auto& item : kElementBytes) names.push_back(item.first);
  return fmt::format("{}", fmt::join(names, ", "));
}

SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t buffer_bytes, const std::string& file) {
  const json root = parse_without_duplicates(text, file);
  SafetensorsHeader header;
  for (const auto& [name, node] : root.items()) {
    if (name == "__metadata__") {
      header.metadata = parse_metadata(node, file);
    } else {
      header.entries[name] = parse_entry(name, node, file);
    }
  }
  check_coverage(header.entries, buffer_bytes, file);
  return header;
}

}  // namespace normadd::networks
