// SPDX-License-Identifier: Apache-2.0
#include "experiment/saved_maps.h"

#include <fmt/format.h>

#include <set>

#include "core/error.h"
#include "core/rooted_path.h"
#include "detectors/geometry_record.h"
#include "imaging/map_codec.h"

namespace normadd::experiment {

std::filesystem::path map_file(const std::filesystem::path& folder, const std::string& id) {
  return core::path_below(folder, std::filesystem::path(id).replace_extension(".tiff"));
}

void save_maps(const std::filesystem::path& folder, const datasets::Category& category, const TestedImages& tested) {
  const auto record_file = folder / detectors::GeometryRecord::kFileName;
  auto record = detectors::GeometryRecord::read_if_present(record_file);
  std::set<std::filesystem::path> written;
  for (std::size_t i = 0; i < category.test.size(); ++i) {
    const auto file = map_file(folder, category.test[i].id);
    if (!written.insert(file).second) {
      throw core::DataError("two pictures differ in nothing but their extension, so that their maps would share a file",
                            category.test[i].image.string(), "Rename one of them.");
    }
    const detectors::Prediction& prediction = tested.predictions[i];
    // First, so that no map ever lies there without its geometry.
    if (record.add(prediction.geometry)) record.write(record_file);
    imaging::write_tiff_map(file, prediction.map);
  }
}

}  // namespace normadd::experiment
