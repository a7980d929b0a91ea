// SPDX-License-Identifier: Apache-2.0
#include "experiment/key_reference.h"

#include <fmt/format.h>

namespace normadd::experiment {

std::string key_reference(const std::vector<ConfigurationSection>& sections) {
  std::string text;
  for (const auto& section : sections) {
    text += fmt::format("{}{}\n", text.empty() ? "" : "\n", section.title);
    for (const auto& field : section.fields) {
      const std::string key = section.node.empty() ? field.name : section.node + "." + field.name;
      const std::string allowed = config::allowed_text(field);
      text += fmt::format("  {:<28} {}{}\n", key, field.help, allowed.empty() ? "" : fmt::format(" [{}]", allowed));
    }
  }
  return text;
}

}  // namespace normadd::experiment
