// SPDX-License-Identifier: Apache-2.0
#include "experiment/prompt_files.h"

namespace normadd::experiment {

std::filesystem::path prompt_set_file(const std::string& name, const std::filesystem::path& folder,
                                      const std::filesystem::path& home) {
  const auto own = folder / (name + ".yaml"), shipped = home / "data" / "prompts" / (name + ".yaml");
  return !std::filesystem::is_regular_file(own) && std::filesystem::is_regular_file(shipped) ? shipped : own;
}

}  // namespace normadd::experiment
