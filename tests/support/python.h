// SPDX-License-Identifier: Apache-2.0
// Other programs' own readers, where this machine has them: NORMADD_PYTHON names an interpreter whose packages tests
// may use, else python3 is asked. Tests that find none are skipped.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace normadd::test {

struct CommandOutcome {
  int exit_code = -1;
  std::string out;  // standard output and error
};

inline CommandOutcome run_command(const std::string& command) {
  CommandOutcome outcome;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  char buffer[4096];
  for (std::size_t size = 0; (size = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;)
    outcome.out.append(buffer, size);
  const int status = ::pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return outcome;
}

inline std::string shell_quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

/// An interpreter that can import the module.
inline std::optional<std::string> python_with(const std::string& module) {
  const char* named = std::getenv("NORMADD_PYTHON");
  const std::string python = named != nullptr && *named != '\0' ? named : "python3";
  const auto outcome = run_command(shell_quoted(python) + " -c " + shell_quoted("import " + module));
  return outcome.exit_code == 0 ? std::optional(python) : std::nullopt;
}

}  // namespace normadd::test
