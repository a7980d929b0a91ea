// SPDX-License-Identifier: Apache-2.0
#include "sweeps/configuration_sections.h"

#include <fmt/format.h>

#include "sweeps/launcher.h"
#include "sweeps/sweep_options.h"
#include "sweeps/sweeper_options.h"

namespace normadd::sweeps {

std::vector<experiment::ConfigurationSection> configuration_sections() {
  auto sections = experiment::configuration_sections();
  sections.push_back({"Sweeps (run -m)", "sweep", "", "", config::fields_of<SweepOptions>()});
  for (const auto& name : sweeper_names()) {
    sections.push_back(
        {fmt::format("How a sweep chooses its jobs, sweeper {}", name), "sweeper", "name", name, sweeper_fields(name)});
  }
  for (const auto& name : launcher_names()) {
    sections.push_back({fmt::format("Where the jobs of a sweep run, launcher {}", name), "launcher", "name", name,
                        launcher_fields(name)});
  }
  return sections;
}

}  // namespace normadd::sweeps
