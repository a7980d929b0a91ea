// SPDX-License-Identifier: Apache-2.0
#include "stages/entry_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hashing.h"

namespace normadd::stages {
namespace {

namespace fs = std::filesystem;

/// Paths of all files below the folder but entry.json itself, with their sizes.
std::map<std::string, std::uint64_t> sizes_of(const fs::path& folder) {
  std::map<std::string, std::uint64_t> sizes;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_directory()) continue;
    const std::string path = entry.path().lexically_relative(folder).generic_string();
    if (path != kEntryFile) sizes[path] = entry.file_size();
  }
  return sizes;
}

}  // namespace

std::uint64_t EntryFile::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [path, content] : files) sum += content.bytes;
  return sum;
}

std::map<std::string, EntryFile::Content> contents_of(const fs::path& folder) {
  std::map<std::string, EntryFile::Content> contents;
  for (const auto& [path, bytes] : sizes_of(folder)) {
    contents[path] = {bytes, core::xxh128_hex_of_file(folder / path)};
  }
  return contents;
}

std::string to_json(const EntryFile& entry) {
  nlohmann::ordered_json json{{"stage", entry.stage}, {"hash", entry.hash},       {"label", entry.label},
                              {"host", entry.host},   {"seconds", entry.seconds}, {"program", NORMADD_VERSION}};
  json["files"] = nlohmann::ordered_json::object();
  for (const auto& [path, content] : entry.files) {
    json["files"][path] = {{"bytes", content.bytes}, {"xxh128", content.xxh128}};
  }
  json["inputs"] = nlohmann::ordered_json::parse(entry.inputs, nullptr, false);
  return json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::optional<EntryFile> read_entry(const fs::path& folder) {
  try {
    const auto json = nlohmann::json::parse(core::read_file(folder / kEntryFile));
    EntryFile entry;
    entry.stage = json.at("stage");
    entry.hash = json.at("hash");
    entry.label = json.at("label");
    entry.host = json.at("host");
    entry.seconds = json.at("seconds");
    for (const auto& [path, content] : json.at("files").items()) {
      entry.files[path] = {content.at("bytes"), content.at("xxh128")};
    }
    entry.inputs = json.at("inputs").dump();
    return entry;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  } catch (const core::DataError&) {
    return std::nullopt;
  }
}

std::string damage_of(const fs::path& folder) {
  const auto entry = read_entry(folder);
  if (!entry) return fmt::format("{} is missing or damaged", kEntryFile);
  try {
    const auto sizes = sizes_of(folder);
    for (const auto& [path, bytes] : sizes) {
      if (!entry->files.contains(path)) return fmt::format("{} does not belong to it", path);
    }
    for (const auto& [path, content] : entry->files) {
      const auto found = sizes.find(path);
      if (found == sizes.end()) return fmt::format("{} is missing", path);
      if (found->second != content.bytes) {
        return fmt::format("{} has {} bytes instead of {}", path, found->second, content.bytes);
      }
      if (core::xxh128_hex_of_file(folder / path) != content.xxh128) {
        return fmt::format("{} does not have its checksum", path);
      }
    }
  } catch (const fs::filesystem_error& error) {
    return error.code().message();
  } catch (const core::DataError& error) {
    return error.message();
  }
  return "";
}

}  // namespace normadd::stages
