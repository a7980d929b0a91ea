// SPDX-License-Identifier: Apache-2.0
// Answers shells. A program of its own because LibTorch takes a third of a second to load, too long between two keys.
#include <fmt/format.h>

#include <exception>

#include "core/atomic_file.h"
#include "normadd/home.h"
#include "normadd_complete/reply.h"

int main(int argc, char** argv) {
  using namespace normadd;
  try {
    const auto catalog = completion::catalog_from_json(core::read_file(completion::catalog_file()));
    fmt::print("{}", completion::reply(catalog, argc > 1 ? argv[1] : "bash", tools::home() / "configs"));
  } catch (const std::exception& error) {
    fmt::print(stderr, "normadd_complete: {}\n", error.what());  // the scripts hide it
    return 1;
  }
  return 0;
}
