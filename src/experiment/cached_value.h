// SPDX-License-Identifier: Apache-2.0
// A stage whose output is one value in one file.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "stages/stage_cache.h"

namespace normadd::experiment {

/// What compute() gives, or what it gave before. Without a cache nothing is written. A value that was just computed is
/// returned as it is, not read back: write and read must keep it to the bit.
template <typename Value, typename Compute, typename Write, typename Read>
Value cached_value(stages::StageCache& cache, const stages::StageKey& key, const std::string& file,
                   const Compute& compute, const Write& write, const Read& read) {
  if (cache.options().root.empty()) return compute();
  std::optional<Value> value;
  cache.obtain(
      key,
      [&](const std::filesystem::path& folder) {
        value = compute();
        write(folder / file, *value);
      },
      [&](const std::filesystem::path& folder) {
        if (!value) value = read(folder / file);
      });
  return std::move(*value);
}

}  // namespace normadd::experiment
