// SPDX-License-Identifier: Apache-2.0
#include "core/rooted_path.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace normadd::core {

std::filesystem::path path_below(const std::filesystem::path& root, const std::filesystem::path& relative) {
  auto base = std::filesystem::weakly_canonical(root);
  // A root that does not exist yet keeps its final '/', an empty part that no path below it has.
  if (!base.has_filename() && base.has_relative_path()) base = base.parent_path();
  const auto full = std::filesystem::weakly_canonical(base / relative);
  const auto [base_end, unused] = std::mismatch(base.begin(), base.end(), full.begin(), full.end());
  if (relative.is_absolute() || base_end != base.end()) {
    throw DataError(fmt::format("the path '{}' leads outside its root", relative.string()), root.string(),
                    "Use a path below the root, without '..'.");
  }
  return full;
}

}  // namespace normadd::core
