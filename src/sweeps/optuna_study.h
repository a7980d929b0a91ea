// SPDX-License-Identifier: Apache-2.0
// A study of Optuna, spoken to through its command line ("optuna ask", "optuna tell"): this program links no Python.
// The study lives in a journal file, which many processes may share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/value.h"

namespace normadd::sweeps {

struct Trial {
  enum class State { kRunning, kComplete, kFailed, kOther };
  int number = 0;
  State state = State::kRunning;
  std::optional<double> value;
  std::vector<std::pair<std::string, config::Value>> parameters;  // in the study's order
};

class OptunaStudy {
 public:
  struct Request {
    std::string program = "optuna";  // looked up in PATH
    std::filesystem::path journal;
    std::string name;
    bool maximize = true;
    std::string sampler = "TPESampler";    // a class of optuna.samplers
    std::string sampler_arguments = "{}";  // JSON without the seed: {"n_startup_trials": 10}
    std::int64_t seed = 0;
    std::string search_space;  // JSON as optuna.distributions has it
  };

  /// Opens the study, or makes it. Throws ConfigError when there is no such program, OutputError with its own words
  /// when it fails.
  explicit OptunaStudy(Request request);

  /// A new trial. Its sampler sees what was told so far; it is seeded with seed + number_so_far, since a sampler lives
  /// for one call only and would otherwise draw the same again. Errors as above.
  Trial ask(std::size_t number_so_far) const;
  void tell(int trial, double value) const;
  void tell_failed(int trial) const;
  std::vector<Trial> trials() const;

 private:
  std::string run(const std::string& command, const std::vector<std::string>& arguments) const;
  Request request_;
};

}  // namespace normadd::sweeps
