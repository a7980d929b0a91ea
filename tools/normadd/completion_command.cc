// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/error.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "normadd/completion_script.h"
#include "normadd/completion_sources.h"

namespace normadd::tools {
namespace {

constexpr const char* kUsage = R"help(Usage: normadd completion bash|zsh|fish

Prints a script that teaches the shell to complete verbs, flags, config groups, options, keys and values:
  bash   eval "$(normadd completion bash)"        in ~/.bashrc
  zsh    eval "$(normadd completion zsh)"         in ~/.zshrc
  fish   normadd completion fish | source         in ~/.config/fish/config.fish
)help";

}  // namespace

int completion_command(const Arguments& arguments) {
  const std::string shell = arguments.empty() ? "" : arguments[0];
  const bool asks_help = !arguments.empty() && (arguments.back() == "-h" || arguments.back() == "--help");
  if (shell.empty()) throw core::ConfigError("for which shell?", "", "normadd completion bash, zsh or fish.");
  if (arguments.size() > 1 && !asks_help) {
    throw core::ConfigError(fmt::format("'{}' is one argument too many", arguments[1]), "", "Name one shell.");
  }
  if (asks_help) {
    fmt::print("{}", kUsage);
  } else if (shell == "catalog") {
    fmt::print("{}", completion::to_json(completion_catalog()));
  } else {
    fmt::print("{}", completion_script(shell));
  }
  return 0;
}

}  // namespace normadd::tools
