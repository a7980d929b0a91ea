// SPDX-License-Identifier: Apache-2.0
#include "core/subprocess.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "core/error.h"

extern char** environ;

namespace normadd::core {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail_start(const std::string& program, int error_number) {
  throw OutputError(fmt::format("cannot start '{}': {}", program, std::strerror(error_number)), "",
                    "The machine may be out of processes, memory or open files.");
}

/// Both ends of a pipe; closed with it.
class Pipe {
 public:
  explicit Pipe(const std::string& program) {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) fail_start(program, errno);
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_read_end() { close_end(0); }
  void close_write_end() { close_end(1); }
  void set_non_blocking(int end) const { ::fcntl(end, F_SETFL, ::fcntl(end, F_GETFL) | O_NONBLOCK); }

 private:
  void close_end(std::size_t which) {
    if (ends_[which] >= 0) ::close(ends_[which]);
    ends_[which] = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_of(const SubprocessRequest& request) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (!request.without_variable || !request.without_variable(text.substr(0, text.find('='))))
      variables.push_back(text);
  }
  return variables;
}

/// The process, or an error number.
std::pair<pid_t, int> spawn(const SubprocessRequest& request, const Pipe& input, const Pipe& output,
                            const Pipe& errors) {
  auto words = request.command;
  auto variables = environment_of(request);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.read_end(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.write_end(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors.write_end(), STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A group of its own: a Ctrl-C is for us to handle, and at the limit its children end with it.
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  pid_t process = -1;
  const int error_number = ::posix_spawnp(&process, words.front().c_str(), &actions, &attributes,
                                          pointers_to(words).data(), pointers_to(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return {process, error_number};
}

/// Reads what is there; false at the end of the stream.
bool drain(int descriptor, std::string& into) {
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count > 0) {
      into.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (count == 0) {
      return false;
    } else if (errno != EINTR) {
      return errno == EAGAIN;
    }
  }
}

/// Writes what fits; false when all is written or nobody reads.
bool feed(int descriptor, std::string_view& rest) {
  while (!rest.empty()) {
    const ssize_t count = ::write(descriptor, rest.data(), rest.size());
    if (count > 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      return errno == EAGAIN;
    }
  }
  return false;
}

int milliseconds_until(Clock::time_point end) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 1000));
}

/// Waits for the process's end; false when it still lives at the end of the time.
bool wait_for(pid_t process, Clock::time_point end, int& status) {
  for (;;) {
    const pid_t ended = ::waitpid(process, &status, WNOHANG);
    if (ended == process || (ended < 0 && errno != EINTR)) return true;
    if (Clock::now() >= end) return false;
    ::poll(nullptr, 0, 2);
  }
}

/// A reader that goes away must not end us while we write to it.
class PipeSignalIgnored {
 public:
  PipeSignalIgnored() { ::sigaction(SIGPIPE, &ignoring(), &before_); }
  ~PipeSignalIgnored() { ::sigaction(SIGPIPE, &before_, nullptr); }
  PipeSignalIgnored(const PipeSignalIgnored&) = delete;
  PipeSignalIgnored& operator=(const PipeSignalIgnored&) = delete;

 private:
  static const struct sigaction& ignoring() {
    static const struct sigaction action = [] {
      struct sigaction made {};
      made.sa_handler = SIG_IGN;
      return made;
    }();
    return action;
  }
  struct sigaction before_ {};
};

/// Moves bytes in all three directions until both streams end; false at the end of the time.
bool converse(Pipe& input, Pipe& output, Pipe& errors, std::string_view rest, Clock::time_point end,
              SubprocessResult& result) {
  bool writing = true, reading_output = true, reading_errors = true;
  while (reading_output || reading_errors) {
    std::array<pollfd, 3> wanted{{{writing ? input.write_end() : -1, POLLOUT, 0},
                                  {reading_output ? output.read_end() : -1, POLLIN, 0},
                                  {reading_errors ? errors.read_end() : -1, POLLIN, 0}}};
    ::poll(wanted.data(), wanted.size(), milliseconds_until(end));
    if (writing && !feed(input.write_end(), rest)) {
      input.close_write_end();
      writing = false;
    }
    if (wanted[1].revents != 0) reading_output = drain(output.read_end(), result.output);
    if (wanted[2].revents != 0) reading_errors = drain(errors.read_end(), result.errors);
    if (Clock::now() >= end) return !reading_output && !reading_errors;
  }
  return true;
}

}  // namespace

std::string SubprocessResult::words() const {
  constexpr std::size_t kLongest = 400;
  std::string text = errors.find_first_not_of(" \t\r\n") == std::string::npos ? output : errors;
  std::string line;
  for (const char letter : text) {
    const bool blank = letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n';
    if (!blank) {
      line += letter;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line.size() <= kLongest ? line : fmt::format("...{}", line.substr(line.size() - kLongest));
}

SubprocessResult run_subprocess(const SubprocessRequest& request) {
  NORMADD_CHECK(!request.command.empty(), "a program to run");
  const auto end = Clock::now() + request.limit;
  const std::string& program = request.command.front();
  Pipe input(program), output(program), errors(program);
  const auto [process, error_number] = spawn(request, input, output, errors);
  SubprocessResult result;
  if (error_number == ENOENT || error_number == EACCES || error_number == ENOTDIR) {
    result.found = false;
    return result;
  }
  if (error_number != 0) fail_start(program, error_number);
  input.close_read_end();
  output.close_write_end();
  errors.close_write_end();
  for (const int descriptor : {input.write_end(), output.read_end(), errors.read_end()})
    input.set_non_blocking(descriptor);

  const PipeSignalIgnored ignored;
  int status = 0;
  const bool complete = converse(input, output, errors, request.input, end, result);
  if (!wait_for(process, complete ? end : Clock::now(), status)) {
    result.timed_out = true;
    ::kill(-process, SIGKILL);
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
  }
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace normadd::core
