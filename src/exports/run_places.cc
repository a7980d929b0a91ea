// SPDX-License-Identifier: Apache-2.0
#include "exports/run_places.h"

#include <fmt/format.h>

#include "core/hashing.h"
#include "exports/safe_names.h"

namespace normadd::exports {

std::string RunPlaces::name_of(const std::filesystem::path& folder) {
  const std::string whole = (std::filesystem::absolute(folder) / "").lexically_normal().parent_path().string();
  std::string name = safe_part(std::filesystem::path(whole).filename().string(), Alphabet::kPlain);
  if (const auto [place, is_new] = folder_of_name_.emplace(name, whole); !is_new && place->second != whole) {
    name = fmt::format("{}-{}", name, core::xxh128_hex(whole).substr(0, 8));
  }
  return name;
}

std::filesystem::path RunPlaces::of(const RunSet& set, const reporting::ListedRun& run) {
  if (set.sweep.empty()) return root_ / name_of(run.folder);
  return root_ / name_of(set.sweep) / run.folder.filename();
}

}  // namespace normadd::exports
