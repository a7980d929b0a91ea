// SPDX-License-Identifier: Apache-2.0
#include "detectors/geometry_record.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"

namespace normadd::detectors {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kLargestSide = 1 << 20;

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& path) {
  throw core::DataError(what, path.string(), "Write the maps again, or state their geometry by detector.covers.");
}

int number(const Json& node, const char* key, int lowest, const std::filesystem::path& path) {
  const auto found = node.find(key);
  if (found == node.end() || !found->is_number_integer() || found->get<std::int64_t>() < lowest ||
      found->get<std::int64_t>() > kLargestSide) {
    fail(fmt::format("the geometry has no usable '{}'", key), path);
  }
  return found->get<int>();
}

imaging::Size size(const Json& node, const char* key, const std::filesystem::path& path) {
  const auto found = node.find(key);
  if (found == node.end() || !found->is_object()) fail(fmt::format("the geometry has no usable '{}'", key), path);
  return {number(*found, "height", 1, path), number(*found, "width", 1, path)};
}

Json json_of(imaging::Size size) { return {{"height", size.height}, {"width", size.width}}; }

}  // namespace

GeometryRecord GeometryRecord::read(const std::filesystem::path& path) {
  const auto json = Json::parse(core::read_file(path), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("maps") || !json["maps"].is_array()) {
    fail("the file is no record of the geometry of maps", path);
  }
  GeometryRecord record;
  for (const auto& entry : json["maps"]) {
    if (!entry.is_object()) fail("the file is no record of the geometry of maps", path);
    const imaging::Geometry geometry{size(entry, "image", path), size(entry, "resized", path),
                                     number(entry, "left", 0, path), number(entry, "top", 0, path),
                                     size(entry, "crop", path)};
    if (geometry.left + geometry.crop.width > geometry.resized.width ||
        geometry.top + geometry.crop.height > geometry.resized.height) {
      fail("the crop reaches beyond the resized picture", path);
    }
    record.add(geometry);
  }
  return record;
}

GeometryRecord GeometryRecord::read_if_present(const std::filesystem::path& path) {
  return std::filesystem::exists(path) ? read(path) : GeometryRecord{};
}

void GeometryRecord::write(const std::filesystem::path& path) const {
  Json maps = Json::array();
  for (const auto& geometry : geometries_) {
    maps.push_back({{"image", json_of(geometry.image)},
                    {"resized", json_of(geometry.resized)},
                    {"left", geometry.left},
                    {"top", geometry.top},
                    {"crop", json_of(geometry.crop)}});
  }
  core::write_file_atomically(path, Json{{"maps", std::move(maps)}}.dump(2) + "\n");
}

bool GeometryRecord::add(const imaging::Geometry& geometry) {
  if (const auto known = find(geometry.image)) {
    if (*known == geometry) return false;
    throw core::DataError(
        fmt::format("pictures of {} x {} pixels have two geometries", geometry.image.width, geometry.image.height),
        kFileName, "Keep the maps of each detector in a folder of their own.");
  }
  geometries_.push_back(geometry);
  return true;
}

std::optional<imaging::Geometry> GeometryRecord::find(imaging::Size image) const {
  for (const auto& geometry : geometries_) {
    if (geometry.image == image) return geometry;
  }
  return std::nullopt;
}

}  // namespace normadd::detectors
