// SPDX-License-Identifier: Apache-2.0
#include "normadd/completion_script.h"

#include <fmt/format.h>

#include <boost/algorithm/string/replace.hpp>
#include <filesystem>

#include "core/error.h"
#include "core/nearest_name.h"
#include "normadd/completion_sources.h"
#include "normadd/home.h"
#include "normadd_complete/reply.h"

namespace normadd::tools {
namespace {

constexpr const char* kBash = R"(_normadd() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <(COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_POINT= WORD_BREAKS="$COMP_WORDBREAKS" @PROGRAM@bash 2>/dev/null)
}
complete -o nospace -F _normadd normadd
)";

constexpr const char* kZsh = R"(_normadd() {
  local candidate
  local -a finished unfinished
  for candidate in "${(@f)$(COMP_LINE="${(j: :)words[1,CURRENT-1]} ${QIPREFIX}${IPREFIX}${PREFIX}" COMP_POINT= @PROGRAM@zsh 2>/dev/null)}"; do
    [[ -n $candidate ]] || continue
    if [[ $candidate == *' ' ]]; then finished+=("${candidate% }"); else unfinished+=("$candidate"); fi
  done
  (( $#finished )) && compadd -Q -a finished
  (( $#unfinished )) && compadd -Q -S '' -a unfinished
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _normadd normadd
)";

constexpr const char* kFish = R"(function __normadd_complete
    set -lx COMP_LINE (commandline -cp)
    set -lx COMP_POINT
    @PROGRAM@fish 2>/dev/null
end
complete -e -c normadd
complete -c normadd -f -a '(__normadd_complete)'
)";

constexpr const char* kBashRemoval = "complete -r normadd 2>/dev/null\nunset -f _normadd\n";
constexpr const char* kZshRemoval = "compdef -d normadd\nunfunction _normadd\n";
constexpr const char* kFishRemoval = "complete -e -c normadd\nfunctions -e __normadd_complete\n";

/// The start of the command that answers, up to the shell's name.
std::string answering_program() {
  const auto program = std::filesystem::read_symlink("/proc/self/exe");
  const auto light = program.parent_path() / "normadd_complete";
  const bool is_there = std::filesystem::exists(light) && std::filesystem::exists(completion::catalog_file());
  std::string path = (is_there ? light : program).string();
  boost::replace_all(path, "'", "'\\''");
  return fmt::format("'{}' {}", path, is_there ? "" : "run -sc query=");
}

std::string known_shell(const std::string& shell) {
  if (shell == "bash" || shell == "zsh" || shell == "fish") return shell;
  throw core::ConfigError(fmt::format("completion exists for bash, zsh and fish, not for '{}'", shell), "",
                          core::did_you_mean(shell, {"bash", "zsh", "fish"}));
}

}  // namespace

std::string completion_script(const std::string& shell) {
  known_shell(shell);
  std::string script = shell == "bash" ? kBash : (shell == "zsh" ? kZsh : kFish);
  boost::replace_all(script, "@PROGRAM@", answering_program());
  return script;
}

std::string answer_shell(const std::string& request) {
  const auto equals = request.find('=');
  const std::string what = request.substr(0, equals);
  const std::string shell = equals == std::string::npos ? "" : request.substr(equals + 1);
  if (what == "install") return completion_script(shell);
  if (what == "uninstall") {
    known_shell(shell);
    return shell == "bash" ? kBashRemoval : (shell == "zsh" ? kZshRemoval : kFishRemoval);
  }
  if (what == "query") return completion::reply(completion_catalog(), known_shell(shell), home() / "configs");
  throw core::ConfigError(fmt::format("--shell-completion takes install=SHELL or uninstall=SHELL, not '{}'", request),
                          "", "For instance: eval \"$(normadd run -sc install=bash)\"");
}

}  // namespace normadd::tools
