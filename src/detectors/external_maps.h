// SPDX-License-Identifier: Apache-2.0
// Where another tool keeps the map of a picture, and reading it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "imaging/map_codec.h"

namespace normadd::detectors {

/// Paths below a root with {category}, {split}, {type}, {stem} or {id} (all of the id but its extension) in them, which
/// stand for the parts of a picture's id CATEGORY/SPLIT/TYPE/…/STEM.EXTENSION.
class MapPattern {
 public:
  /// Throws ConfigError naming key for unknown placeholders (nearest name) and patterns that name no picture.
  MapPattern(std::string pattern, const std::string& key);

  /// Throws DataError when the id lacks a part that the pattern asks for.
  std::string path_of(const std::string& id) const;
  const std::string& text() const { return pattern_; }

 private:
  std::string pattern_;
};

class ExternalMaps {
 public:
  /// key: the detector's section, for messages.
  ExternalMaps(std::filesystem::path root, const std::optional<std::string>& pattern, imaging::MapScale scale,
               const std::string& key = "detector");

  struct Found {
    imaging::Map map;
    std::filesystem::path file;
  };
  /// The map of the picture with this id. A pattern without extension takes .tiff, .tif, .npy or .png; without a
  /// pattern, ROOT/ID and then ROOT/CATEGORY.safetensors (one tensor per id, with or without extension) are looked for.
  /// Throws DataError naming what was looked for or found twice, and what imaging::read_map and the safetensors reader
  /// throw; a path that leaves the root is refused.
  Found read(const std::string& id) const;

 private:
  std::filesystem::path root_;
  bool may_be_tensors_;
  MapPattern pattern_;
  imaging::MapScale scale_;
};

}  // namespace normadd::detectors
