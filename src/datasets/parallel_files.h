// SPDX-License-Identifier: Apache-2.0
// Independent work on many files with all cores.
#pragma once

#include <cstddef>
#include <functional>

namespace normadd::datasets {

/// Calls work(0..count-1), each once, from several threads; rethrows the error of the lowest index that failed, so that
/// the message does not depend on timing.
void for_each_in_parallel(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace normadd::datasets
