// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "normadd/completion_script.h"
#include "normadd/completion_sources.h"

namespace normadd::tools {
namespace {

constexpr const char* kHelp =
    R"help(Prints a script that teaches the shell to complete verbs, flags, config groups, options, keys and values:
  bash   eval "$(normadd completion bash)"        in ~/.bashrc
  zsh    eval "$(normadd completion zsh)"         in ~/.zshrc
  fish   normadd completion fish | source         in ~/.config/fish/config.fish
)help";

}  // namespace

int completion_command(const Arguments& arguments) {
  cxxopts::Options options("normadd completion", kHelp);
  options.custom_help("bash|zsh|fish");
  options.positional_help("");
  options.add_options()("what", "bash, zsh or fish", cxxopts::value<std::vector<std::string>>())("h,help", "this text");
  options.parse_positional({"what"});
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const auto what = repeated_flag(flags, "what");
  if (what.size() == 2 && what[0] == "catalog") {
    // For the build; a file, since whatever else is printed must not come between.
    core::write_file_atomically(what[1], completion::to_json(completion_catalog()));
    return 0;
  }
  if (what.size() != 1) throw core::ConfigError("name one shell", "", "normadd completion bash, zsh or fish.");
  fmt::print("{}", completion_script(what[0]));
  return 0;
}

}  // namespace normadd::tools
