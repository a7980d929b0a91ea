// SPDX-License-Identifier: Apache-2.0
// A forked child that runs a function and ends with its return value; killed at the end of the scope.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace normadd::test {

class ChildProcess {
 public:
  template <typename Function>
  explicit ChildProcess(Function function) : process_(::fork()) {
    if (process_ != 0) return;
    int code = 99;
    try {
      code = function();
    } catch (...) {
    }
    ::_exit(code);
  }
  ~ChildProcess() {
    if (is_waited_) return;
    kill(SIGKILL);
    wait();
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t process() const { return process_; }
  void kill(int signal_number) const { ::kill(process_, signal_number); }
  /// Its exit code; 128 + signal when it was killed.
  int wait() {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    is_waited_ = true;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t process_;
  bool is_waited_ = false;
};

}  // namespace normadd::test
