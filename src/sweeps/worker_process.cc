// SPDX-License-Identifier: Apache-2.0
#include "sweeps/worker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>
#include <fstream>

#include "core/atomic_file.h"
#include "core/error.h"

extern char** environ;

namespace normadd::sweeps {
namespace {

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    bool is_replaced = false;
    for (const auto& [name, value] : added) is_replaced = is_replaced || text.starts_with(name + "=");
    if (!is_replaced) all.push_back(text);
  }
  for (const auto& [name, value] : added) all.push_back(fmt::format("{}={}", name, value));
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

WorkerProcess::WorkerProcess(const WorkerCommand& command) {
  core::make_directories(command.log.parent_path());
  auto arguments = command.arguments;
  auto environment = environment_with(command.environment);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  constexpr int kMode = 0644;
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, kMode);
  ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  // A group of its own: Ctrl-C reaches this program alone, which then stops its workers.
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  const int error = ::posix_spawn(&process_, arguments.front().c_str(), &actions, &attributes,
                                  pointers(arguments).data(), pointers(environment).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    process_ = -1;
    throw core::OutputError(fmt::format("cannot start a worker: {}", std::strerror(error)), arguments.front(),
                            "Check that the log's folder is writable: " + command.log.parent_path().string());
  }
}

WorkerProcess::~WorkerProcess() {
  if (process_ <= 0 || ended()) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

std::optional<int> WorkerProcess::ended() {
  if (code_) return code_;
  int status = 0;
  if (::waitpid(process_, &status, WNOHANG) != process_) return std::nullopt;
  was_killed_ = WIFSIGNALED(status);
  code_ = was_killed_ ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return code_;
}

void WorkerProcess::send(int signal_number) const {
  if (!code_) ::kill(process_, signal_number);
}

std::string last_line(const std::filesystem::path& log) {
  std::ifstream stream(log, std::ios::binary | std::ios::ate);
  constexpr std::streamoff kTail = 4096;
  const std::streamoff size = stream.tellg();
  if (size <= 0) return "";
  stream.seekg(std::max<std::streamoff>(0, size - kTail));
  std::string line, last;
  while (std::getline(stream, line)) {
    // A line that was redrawn in place: its last state counts.
    if (const auto carriage = line.rfind('\r'); carriage != std::string::npos) line = line.substr(carriage + 1);
    if (!line.empty()) last = line;
  }
  return last;
}

}  // namespace normadd::sweeps
