// SPDX-License-Identifier: Apache-2.0
// This program, as other processes on other machines are to start it.
#pragma once

#include <filesystem>

namespace normadd::sweeps {

struct ProgramPlace {
  std::filesystem::path executable;  // absolute
  std::filesystem::path home;        // absolute; becomes NORMADD_HOME
  std::filesystem::path directory;   // absolute; relative paths of the configuration count from here
};

}  // namespace normadd::sweeps
