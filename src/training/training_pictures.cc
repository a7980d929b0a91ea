// SPDX-License-Identifier: Apache-2.0
#include "training/training_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "core/progress.h"
#include "core/random.h"
#include "datasets/procedural.h"

namespace normadd::training {
namespace {

constexpr double kGoodShare = 0.25, kTwoDefectsShare = 0.25;

std::vector<int> draw_types(core::RandomStream& random) {
  const double kind = random.uniform();
  const std::size_t num_types = datasets::procedural_defect_types().size();
  if (kind < kGoodShare) return {};
  const auto first = random.index(num_types);
  if (kind < 1 - kTwoDefectsShare) return {static_cast<int>(first)};
  const auto second = (first + 1 + random.index(num_types - 1)) % num_types;
  return {static_cast<int>(first), static_cast<int>(second)};
}

TrainingPicture draw_picture(std::uint64_t seed, int number, int side) {
  core::RandomStream random(seed, fmt::format("training-picture/{}", number));
  const auto category = static_cast<std::size_t>(number) % datasets::procedural_training_categories().size();
  const auto types = draw_types(random);
  auto drawn = datasets::draw_training_image(random, category, types, side);
  return {static_cast<int>(category), std::move(drawn.image), std::move(drawn.defect_class)};
}

}  // namespace

std::vector<TrainingPicture> draw_training_pictures(std::uint64_t seed, int count, int side, int threads) {
  std::vector<TrainingPicture> pictures(static_cast<std::size_t>(count));
  core::Progress progress("drawing pictures", pictures.size());
  std::atomic<int> next = 0;
  std::mutex mutex;
  std::exception_ptr error;
  const auto work = [&] {
    try {
      for (int i = next++; i < count; i = next++) {
        pictures[static_cast<std::size_t>(i)] = draw_picture(seed, i, side);
        const std::lock_guard lock(mutex);
        progress.advance();
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      error = std::current_exception();
      next = count;
    }
  };
  std::vector<std::thread> pool;
  for (int i = 1; i < std::max(1, threads); ++i) pool.emplace_back(work);
  work();
  for (auto& thread : pool) thread.join();
  if (error) std::rethrow_exception(error);
  return pictures;
}

}  // namespace normadd::training
