// SPDX-License-Identifier: Apache-2.0
#include "experiment/map_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "core/error.h"

namespace normadd::experiment {

namespace fs = std::filesystem;

std::map<std::string, fs::path> find_map_files(const fs::path& folder, std::span<const datasets::Sample> samples,
                                               const std::string& split) {
  constexpr std::size_t kNamed = 3;
  std::map<std::string, fs::path> files;
  std::vector<std::string> missing;
  for (const auto& sample : samples) {
    fs::path found;
    for (const char* extension : {".tiff", ".tif", ".npy", ".png"}) {
      fs::path candidate = folder / sample.id;
      candidate.replace_extension(extension);
      if (!fs::is_regular_file(candidate)) continue;
      if (!found.empty()) {
        throw core::DataError(fmt::format("the image has two maps, {} and {}", found.extension().string(), extension),
                              found.string(), "Keep one of them.");
      }
      found = std::move(candidate);
    }
    if (found.empty()) {
      missing.push_back(fs::path(sample.id).replace_extension(".tiff").generic_string());
    } else {
      files.emplace(sample.id, std::move(found));
    }
  }
  if (!missing.empty()) {
    const std::size_t named = std::min(kNamed, missing.size());
    throw core::DataError(
        fmt::format("{} of {} {} images have no map: {}{}", missing.size(), samples.size(), split,
                    fmt::join(missing.begin(), missing.begin() + static_cast<std::ptrdiff_t>(named), ", "),
                    missing.size() > named ? ", ..." : ""),
        folder.string(), "Maps lie as CATEGORY/test/TYPE/STEM.tiff (or .tif, .npy, .png), named as their images.");
  }
  return files;
}

}  // namespace normadd::experiment
