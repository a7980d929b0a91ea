// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "core/error.h"
#include "core/nearest_name.h"
#include "sweeps/commands_launcher.h"
#include "sweeps/launcher.h"
#include "sweeps/local_launcher.h"
#include "sweeps/slurm_launcher.h"

namespace normadd::sweeps {
namespace {

struct Entry {
  std::string name;
  std::function<std::unique_ptr<Launcher>(const config::Value&, const ProgramPlace&)> make;
  std::function<std::vector<config::Field>()> fields;
};

template <typename LauncherType, typename OptionsType>
Entry entry(const std::string& name) {
  return {name,
          [](const config::Value& node, const ProgramPlace& program) -> std::unique_ptr<Launcher> {
            return std::make_unique<LauncherType>(config::read_options<OptionsType>(node, "launcher"), program);
          },
          [] { return config::fields_of<OptionsType>(); }};
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> kEntries{entry<LocalLauncher, LocalOptions>("local"),
                                           entry<SlurmLauncher, SlurmOptions>("slurm"),
                                           entry<CommandsLauncher, CommandsOptions>("commands")};
  return kEntries;
}

const Entry& entry_of(const std::string& name) {
  for (const auto& entry : entries()) {
    if (entry.name == name) return entry;
  }
  throw core::ConfigError("there is no launcher '" + name + "'", "launcher.name",
                          core::did_you_mean(name, launcher_names()));
}

}  // namespace

std::vector<std::string> launcher_names() {
  std::vector<std::string> names;
  for (const auto& entry : entries()) names.push_back(entry.name);
  return names;
}

std::vector<config::Field> launcher_fields(const std::string& name) { return entry_of(name).fields(); }

std::unique_ptr<Launcher> make_launcher(const config::Value& node, const ProgramPlace& program) {
  const config::Value* name = node.find("name");
  if (name == nullptr || !name->is_string()) {
    throw core::ConfigError("the launcher has no name", "launcher.name", "Choose one, e.g. launcher=local.");
  }
  return entry_of(name->as_string()).make(node, program);
}

void check_launcher(const config::Value& node) { make_launcher(node, {}); }

}  // namespace normadd::sweeps
