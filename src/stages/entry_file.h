// SPDX-License-Identifier: Apache-2.0
// entry.json: what a cache entry is, what it cost, and the checksums of its files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "stages/stage_key.h"

namespace normadd::stages {

struct EntryFile {
  std::string stage, hash, label, host;
  double seconds = 0;
  struct Content {
    std::uint64_t bytes = 0;
    std::string xxh128;
  };
  std::map<std::string, Content> files;  // path inside the entry -> content
  std::string inputs;                    // StageKey::inputs_json

  std::uint64_t bytes() const;
};

inline constexpr const char* kEntryFile = "entry.json";

/// Lists and hashes all files of a folder.
std::map<std::string, EntryFile::Content> contents_of(const std::filesystem::path& folder);

std::string to_json(const EntryFile& entry);

/// Nothing when it is missing or damaged.
std::optional<EntryFile> read_entry(const std::filesystem::path& folder);

/// What is wrong with the files of an entry, as one sentence; empty when all have their sizes and checksums and there
/// are no others. Reads every byte.
std::string damage_of(const std::filesystem::path& folder);

}  // namespace normadd::stages
