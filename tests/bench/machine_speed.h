// SPDX-License-Identifier: Apache-2.0
// What this machine can do at best, measured: the floor that timings are held against.
#pragma once

namespace normadd::bench {

struct MachineSpeed {
  double flops_per_s = 0;  // best of some float32 matrix products, by OpenBLAS and by oneDNN
  double bytes_per_s = 0;  // best of some readings of a block far larger than the caches
};

/// With the threads that LibTorch is set to.
MachineSpeed measure_machine();

}  // namespace normadd::bench
