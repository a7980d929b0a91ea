// SPDX-License-Identifier: Apache-2.0
// Only carries the precompiled ATen header that other targets reuse.
int normadd_torch_precompiled_anchor() { return 0; }
