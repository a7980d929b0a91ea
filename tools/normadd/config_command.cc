// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/error.h"
#include "core/nearest_name.h"
#include "experiment/configuration_schema.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "sweeps/configuration_sections.h"

namespace normadd::tools {

int config_command(const Arguments& arguments) {
  const std::string verb = arguments.empty() ? "" : arguments[0];
  if (verb == "-h" || verb == "--help") {
    fmt::print("Usage: normadd config schema; normadd config VERB --help tells more.\n");
    return 0;
  }
  if (verb != "schema") {
    throw core::ConfigError(fmt::format("unknown verb 'config {}'", verb), "", core::did_you_mean(verb, {"schema"}));
  }
  cxxopts::Options options("normadd config schema",
                           "Prints the JSON Schema of a whole configuration, as normadd run --cfg job prints one.\n"
                           "Editors take it from a first line  # yaml-language-server: $schema=FILE");
  options.custom_help("");
  options.add_options()("h,help", "this text");
  const auto flags = parse_flags(options, {arguments.begin() + 1, arguments.end()});
  fmt::print("{}", flags.count("help") > 0 ? options.help()
                                           : experiment::configuration_schema(sweeps::configuration_sections()));
  return 0;
}

}  // namespace normadd::tools
