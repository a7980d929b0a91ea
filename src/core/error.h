// SPDX-License-Identifier: Apache-2.0
// Errors that a person can act on. Each has what went wrong, where (file, file:line or key), and a hint.
// main() prints them as one to three lines and exits with exit_code().
#pragma once

#include <stdexcept>
#include <string>

namespace normadd::core {

/// Base of every error that the user or the outside world caused. Exit code 2.
class Error : public std::runtime_error {
 public:
  /// what: one sentence without a final newline; where: path, path:line or config key, may be empty;
  /// hint: what to do about it, may be empty.
  Error(std::string what, std::string where, std::string hint);

  const std::string& message() const { return message_; }
  const std::string& where() const { return where_; }
  const std::string& hint() const { return hint_; }
  virtual int exit_code() const { return 2; }

 private:
  std::string message_;
  std::string where_;
  std::string hint_;
};

/// A key, value, group or flag that the configuration does not allow.
class ConfigError : public Error {
  using Error::Error;
};

/// A dataset, image, mask, map or prompt file that is missing, unreadable or inconsistent.
class DataError : public Error {
  using Error::Error;
};

/// A weight file that is missing, malformed, or lacks or misshapes a tensor.
class WeightsError : public Error {
  using Error::Error;
};

/// A result that could not be written: directory not writable, disk full.
class OutputError : public Error {
  using Error::Error;
};

/// A bug in this program: a broken invariant. Exit code 3.
class InternalError : public Error {
 public:
  using Error::Error;
  int exit_code() const override { return 3; }
};

[[noreturn]] void fail_check(const char* expression, const std::string& values, const char* file, int line);

}  // namespace normadd::core

/// Checks an invariant of ours (never user input); throws InternalError with the expression, the given text and the
/// place.
#define NORMADD_CHECK(condition, values)                                                     \
  do {                                                                                       \
    if (!(condition)) ::normadd::core::fail_check(#condition, (values), __FILE__, __LINE__); \
  } while (false)
