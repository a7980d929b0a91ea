// SPDX-License-Identifier: Apache-2.0
#include "config/group_override.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::config {

bool chooses_group(const Override& override, const ConfigFiles& files) {
  const bool looks_like_group = override.package || override.key.find('/') != std::string::npos;
  if (!files.has_group(override.key)) {
    if (!looks_like_group) return false;
    throw core::ConfigError(fmt::format("there is no config group '{}' ('{}')", override.key, override.text),
                            "command line", core::did_you_mean(override.key, files.groups()));
  }
  return override.elements.empty() || !override.value().is_map();
}

}  // namespace normadd::config
