// SPDX-License-Identifier: Apache-2.0
// Peak memory of a PatchCore fit, measured in a process of its own.
#pragma once

#include <cstdint>
#include <string>

namespace normadd::bench {

struct FitMemory {
  std::string profile;
  int num_images = 0;
  std::uint64_t bank_bytes = 0;       // all training features, of which the coreset is chosen
  std::uint64_t batch_bytes = 0;      // features of one batch
  std::uint64_t estimated_bytes = 0;  // what memory_estimate() said before
  std::uint64_t peak_bytes = 0;       // highest resident size less the one before the fit, with the network loaded
};

/// WideResNet-50-2 with random weights on pictures of 256 px, prepared as the profile asks. Forks: to be called before
/// this process has started any thread.
FitMemory measure_fit_memory(const std::string& profile, int num_images);

void print_fit_memory(const FitMemory& memory);

}  // namespace normadd::bench
