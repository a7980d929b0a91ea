// SPDX-License-Identifier: Apache-2.0
#include "normadd/sweep_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "normadd/home.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;

/// By name: names begin with date and time.
fs::path newest_sweep() {
  const fs::path root = sweeps::SweepOptions().root;
  fs::path newest;
  std::error_code error;
  for (const auto& day : fs::directory_iterator(root, error)) {
    for (const auto& sweep : fs::directory_iterator(day.path(), error)) {
      if (fs::is_regular_file(sweep.path() / "sweep.json") && sweep.path() > newest) newest = sweep.path();
    }
  }
  if (newest.empty()) {
    throw core::DataError("there is no sweep here", root.string(),
                          "Name its folder, or make one with 'normadd run -m'.");
  }
  return newest;
}

}  // namespace

sweeps::ProgramPlace program_place(const fs::path& directory) {
  return {fs::read_symlink("/proc/self/exe"), fs::absolute(home()), fs::absolute(directory)};
}

sweeps::SweepFolder named_sweep(const cxxopts::ParseResult& flags) {
  const auto named = repeated_flag(flags, "sweep");
  if (named.size() > 1) {
    throw core::ConfigError("one sweep at a time", named[1], "Name one folder, or none for the newest.");
  }
  return sweeps::SweepFolder::open(named.empty() ? newest_sweep() : fs::path(named.front()));
}

void enter_directory_of(const sweeps::SweepFolder& sweep) {
  const fs::path& directory = sweep.record().directory;
  std::error_code error;
  fs::current_path(directory, error);
  if (error) {
    throw core::DataError("cannot enter the folder in which the sweep was made: " + error.message(), directory.string(),
                          "Relative paths of its jobs count from there: make it available on this machine.");
  }
}

}  // namespace normadd::tools
