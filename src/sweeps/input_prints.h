// SPDX-License-Identifier: Apache-2.0
// What the results of a sweep depend on beyond its configuration, as far as a look at some files tells: prompt sets by
// their content, weights and other named files by size and time.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "experiment/job.h"

namespace normadd::sweeps {

class InputPrints {
 public:
  /// home: the program's own tree.
  explicit InputPrints(std::filesystem::path home) : home_(std::move(home)) {}
  /// A text that changes when a file changes that the job names. Files are looked at once.
  std::string of(const experiment::Job& job);

 private:
  const std::string& of_file(const std::string& name);
  const std::string& of_prompts(const std::string& name, const std::string& folder);
  void add_files(const config::Value& node, std::string& text);
  std::filesystem::path home_;
  std::map<std::string, std::string> files_, prompts_;
};

}  // namespace normadd::sweeps
