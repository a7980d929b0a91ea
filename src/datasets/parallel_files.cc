// SPDX-License-Identifier: Apache-2.0
#include "datasets/parallel_files.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "core/interruption.h"

namespace normadd::datasets {

void for_each_in_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr error;
  std::size_t failed = count;
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        core::stop_if_interrupted();
        work(i);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex);
        next = count;  // what is left would be done for nothing
        if (i < failed) {
          failed = i;
          error = std::current_exception();
        }
      }
    }
  };
  const std::size_t num_threads =
      std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()), std::max<std::size_t>(count, 1));
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < num_threads; ++i) threads.emplace_back(run);
  run();
  for (auto& thread : threads) thread.join();
  if (error) std::rethrow_exception(error);
}

}  // namespace normadd::datasets
