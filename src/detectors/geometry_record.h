// SPDX-License-Identifier: Apache-2.0
// A file beside maps that says which part of its picture each of them shows.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "imaging/geometry.h"

namespace normadd::detectors {

/// The geometry of a detector's maps by the size of the picture: {"maps": [{"image": {"height", "width"}, "resized":
/// {…}, "left", "top", "crop": {…}}, …]}.
class GeometryRecord {
 public:
  static constexpr const char* kFileName = "geometry.json";

  /// Throws DataError naming the file and what is wrong with it.
  static GeometryRecord read(const std::filesystem::path& path);
  /// Empty when there is no such file.
  static GeometryRecord read_if_present(const std::filesystem::path& path);
  /// Atomically. Throws OutputError.
  void write(const std::filesystem::path& path) const;

  /// True when it was not known yet. Throws DataError when pictures of this size were recorded with another geometry.
  bool add(const imaging::Geometry& geometry);
  std::optional<imaging::Geometry> find(imaging::Size image) const;
  bool is_empty() const { return geometries_.empty(); }
  const std::vector<imaging::Geometry>& all() const { return geometries_; }

 private:
  std::vector<imaging::Geometry> geometries_;
};

}  // namespace normadd::detectors
