// SPDX-License-Identifier: Apache-2.0
#include "experiment/mvtec_maps.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/rooted_path.h"
#include "detectors/geometry_record.h"
#include "imaging/codec.h"
#include "imaging/map_codec.h"

namespace normadd::experiment {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> sorted(std::vector<fs::path> paths) {
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  if (!fs::is_directory(folder)) return folders;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  return sorted(std::move(folders));
}

/// Relative to folder.
std::vector<fs::path> maps_in(const fs::path& folder) {
  std::vector<fs::path> maps;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".tiff")
      maps.push_back(entry.path().lexically_relative(folder));
  }
  return sorted(std::move(maps));
}

fs::path dataset_root(const reporting::ListedRun& run) {
  const config::Value* root = run.resolved.find_path("dataset.root");
  return root != nullptr && root->is_string() ? fs::path(root->as_string()) : fs::path();
}

/// Where a map lies in its picture.
class Geometries {
 public:
  Geometries(const fs::path& maps, fs::path root)
      : record_(detectors::GeometryRecord::read(maps / detectors::GeometryRecord::kFileName)), root_(std::move(root)) {}

  imaging::Geometry of(const fs::path& map) const {
    if (record_.all().size() == 1) return record_.all().front();
    const imaging::Size size = imaging::read_image_size(picture_of(map));
    const auto geometry = record_.find(size);
    if (!geometry) {
      throw core::DataError(
          fmt::format("no picture of {} x {} was recorded when the maps were made", size.width, size.height),
          (root_ / map).string(), "Export from the dataset that the run read.");
    }
    return *geometry;
  }

 private:
  fs::path picture_of(const fs::path& map) const {
    for (const char* extension : {".png", ".jpg", ".JPG", ".jpeg", ".bmp", ".tiff"}) {
      const fs::path picture = core::path_below(root_, fs::path(map).replace_extension(extension));
      if (fs::is_regular_file(picture)) return picture;
    }
    throw core::DataError("the picture of a map is needed for its size, and is not there",
                          (root_ / map).replace_extension(".png").string(),
                          "Call from the folder in which the run was started, with the dataset in its place.");
  }

  detectors::GeometryRecord record_;
  fs::path root_;
};

WrittenMaps write_maps(const fs::path& from, const fs::path& root, const fs::path& to) {
  WrittenMaps written{to, 0};
  const Geometries geometries(from, root);
  for (const auto& name : maps_in(from)) {
    const imaging::Map map = imaging::read_map(from / name);
    const float lowest = *std::min_element(map.values.begin(), map.values.end());
    imaging::write_tiff_map(to / name, imaging::map_in_image(map, geometries.of(name), lowest));
    ++written.num_maps;
  }
  return written;
}

}  // namespace

std::vector<WrittenMaps> export_mvtec_maps(const reporting::ListedRun& run, const fs::path& out) {
  const auto detectors = folders_in(run.folder / "maps");
  if (detectors.empty()) {
    throw core::DataError("the run kept no anomaly maps", run.folder.string(), "Run again with run.save_maps=true.");
  }
  std::vector<WrittenMaps> written;
  for (const auto& detector : detectors) {
    const fs::path to = detectors.size() == 1 ? out : out / detector.filename();
    if (fs::exists(to) && fs::equivalent(to, detector)) {
      throw core::ConfigError("the maps would be written over those of the run", "--out", "Choose another folder.");
    }
    written.push_back(write_maps(detector, dataset_root(run), to));
  }
  return written;
}

}  // namespace normadd::experiment
