// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "core/interruption.h"
#include "normadd/program.h"

int main(int argc, char** argv) {
  normadd::core::note_interruptions();
  return normadd::tools::run_program({argv + 1, argv + argc});
}
