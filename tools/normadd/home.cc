// SPDX-License-Identifier: Apache-2.0
#include "normadd/home.h"

#include <cstdlib>

#include "core/error.h"

namespace normadd::tools {
namespace {

constexpr const char* kVariable = "NORMADD_HOME";

bool is_home(const std::filesystem::path& folder) {
  return std::filesystem::exists(folder / "configs" / "config.yaml");
}

}  // namespace

std::filesystem::path home() {
  if (const char* given = std::getenv(kVariable); given != nullptr && *given != '\0') {
    if (!is_home(given)) {
      throw core::ConfigError("NORMADD_HOME has no configs/config.yaml", given,
                              "Point it at normadd's own folder, or unset it.");
    }
    return given;
  }
  for (auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();; folder = folder.parent_path()) {
    if (is_home(folder)) return folder;
    if (folder == folder.parent_path()) break;
  }
  throw core::ConfigError("the program's configs/ and data/ were not found above it", "",
                          "Set NORMADD_HOME to normadd's own folder.");
}

void publish_home() { ::setenv(kVariable, home().c_str(), 1); }

}  // namespace normadd::tools
