// SPDX-License-Identifier: Apache-2.0
// Where exports of several runs go below one folder.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "exports/run_facts.h"

namespace normadd::exports {

class RunPlaces {
 public:
  explicit RunPlaces(std::filesystem::path root) : root_(std::move(root)) {}

  /// root/RUN, or root/SWEEP/NUMBER for jobs of a sweep, by the names of their folders. Of different folders with the
  /// same name the later ones get the beginning of a hash of their path.
  std::filesystem::path of(const RunSet& set, const reporting::ListedRun& run);

 private:
  std::string name_of(const std::filesystem::path& folder);
  std::filesystem::path root_;
  std::map<std::string, std::string> folder_of_name_;
};

}  // namespace normadd::exports
