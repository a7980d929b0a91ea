// SPDX-License-Identifier: Apache-2.0
#include "detectors/coreset.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "core/progress.h"

namespace normadd::detectors {
namespace {

constexpr std::int64_t kLanes = 16;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));
using Half = float __attribute__((vector_size(kLanes / 2 * sizeof(float))));
using Quarter = float __attribute__((vector_size(kLanes / 4 * sizeof(float))));

/// The smallest squared distance of a row to count centres, or bound if none is smaller. dims is a multiple of kLanes.
/// A centre whose first dimensions alone lie clearly beyond the bound is not followed to the end: most are not.
__attribute__((target_clones("avx512f", "avx2", "default"))) float lowest_squared_distance(
    const float* row, const float* centres, std::int64_t count, std::int64_t dims, float bound) {
  constexpr std::int64_t kStretch = 4 * kLanes;
  constexpr float kRounding = 1.0001f;  // far above the rounding of the sums that are compared
  for (const float* const end = centres + count * dims; centres != end; centres += dims) {
    Lanes sums{};
    float squared = 0;
    for (std::int64_t from = 0; from < dims; from += kStretch) {
      const std::int64_t to = std::min(dims, from + kStretch);
      for (std::int64_t i = from; i < to; i += kLanes) {
        Lanes a, b;
        std::memcpy(&a, row + i, sizeof(a));
        std::memcpy(&b, centres + i, sizeof(b));
        a -= b;
        sums += a * a;
      }
      Half low, high;
      std::memcpy(&low, &sums, sizeof(low));
      std::memcpy(&high, reinterpret_cast<const char*>(&sums) + sizeof(low), sizeof(high));
      low += high;
      Quarter first, second;
      std::memcpy(&first, &low, sizeof(first));
      std::memcpy(&second, reinterpret_cast<const char*>(&low) + sizeof(first), sizeof(second));
      first += second;
      squared = (first[0] + first[2]) + (first[1] + first[3]);
      if (squared > kRounding * bound) break;
    }
    bound = std::min(bound, squared);
  }
  return bound;
}

/// A row and what is known of its value: the true one if it has met every centre, otherwise an upper bound.
struct Candidate {
  float value = 0;
  std::int64_t row = 0;
  std::int64_t centres_met = 0;
};

bool comes_later(const Candidate& a, const Candidate& b) {
  return a.value != b.value ? a.value < b.value : a.row > b.row;
}

class CandidateHeap {
 public:
  explicit CandidateHeap(std::vector<Candidate> candidates) : candidates_(std::move(candidates)) {
    std::make_heap(candidates_.begin(), candidates_.end(), comes_later);
  }
  const Candidate& top() const { return candidates_.front(); }
  bool empty() const { return candidates_.empty(); }
  Candidate pop() {
    std::pop_heap(candidates_.begin(), candidates_.end(), comes_later);
    const Candidate candidate = candidates_.back();
    candidates_.pop_back();
    return candidate;
  }
  void push(const Candidate& candidate) {
    candidates_.push_back(candidate);
    std::push_heap(candidates_.begin(), candidates_.end(), comes_later);
  }

 private:
  std::vector<Candidate> candidates_;
};

at::Tensor padded_to_lanes(const at::Tensor& rows) {
  const std::int64_t missing = coreset_padded_dims(rows.size(1)) - rows.size(1);
  return missing == 0 ? rows : at::constant_pad_nd(rows, {0, missing}).contiguous();
}

std::vector<Candidate> mean_distances(const at::Tensor& rows, const std::vector<std::int64_t>& starts) {
  const std::int64_t dims = rows.size(1);
  const float* const values = rows.data_ptr<float>();
  std::vector<Candidate> candidates(static_cast<std::size_t>(rows.size(0)));
  at::parallel_for(0, rows.size(0), 512, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      double sum = 0;
      for (const std::int64_t start : starts) {
        // In double, so that squaring the mean again loses nothing against the squared distances that follow.
        const double squared = lowest_squared_distance(values + row * dims, values + start * dims, 1, dims,
                                                       std::numeric_limits<float>::infinity());
        sum += std::sqrt(squared);
      }
      const double mean = sum / static_cast<double>(starts.size());
      candidates[static_cast<std::size_t>(row)] = {static_cast<float>(mean * mean), row, 0};
    }
  });
  for (const Candidate& candidate : candidates) {
    if (std::isfinite(candidate.value)) continue;
    throw core::DataError("the network gives features that are not finite numbers", "",
                          "The weights are damaged, or the precision is too low for them.");
  }
  return candidates;
}

}  // namespace

std::vector<std::int64_t> random_rows(std::int64_t num_rows, int count, core::RandomStream& random) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(num_rows));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  const std::size_t wanted = std::min<std::size_t>(static_cast<std::size_t>(count), rows.size());
  for (std::size_t i = 0; i < wanted; ++i) std::swap(rows[i], rows[i + random.index(rows.size() - i)]);
  rows.resize(wanted);
  return rows;
}

std::vector<std::int64_t> greedy_coreset(const at::Tensor& projected, const std::vector<std::int64_t>& starts,
                                         std::int64_t count, const std::string& label) {
  NORMADD_CHECK(projected.dim() == 2 && projected.is_contiguous() && projected.scalar_type() == at::kFloat,
                "projected rows");
  NORMADD_CHECK(count <= projected.size(0) && !starts.empty(),
                std::to_string(count) + " of " + std::to_string(projected.size(0)));
  const at::Tensor padded = padded_to_lanes(projected);
  const std::int64_t dims = padded.size(1);
  const float* const rows = padded.data_ptr<float>();
  CandidateHeap heap(mean_distances(padded, starts));

  // Centres lie one after the other, so that a candidate meets those it has missed in one run through the cache.
  std::vector<float> centres(static_cast<std::size_t>(count * dims));
  std::vector<std::int64_t> selected;
  selected.reserve(static_cast<std::size_t>(count));
  std::vector<Candidate> outdated;
  core::Progress progress(label, static_cast<std::size_t>(std::max<std::int64_t>(count, 1)));
  while (std::ssize(selected) < count) {
    const std::int64_t known = std::ssize(selected);
    const auto is_outdated = [&](const Candidate& candidate) {
      return candidate.centres_met < known && candidate.value > 0;
    };
    // Few at first, because the next one is often found at once; then more, to give threads something to share.
    for (std::size_t portion = 1; is_outdated(heap.top()); portion = std::min<std::size_t>(2 * portion, 1024)) {
      outdated.clear();
      std::int64_t meetings = 0;
      while (outdated.size() < portion && !heap.empty() && is_outdated(heap.top())) {
        outdated.push_back(heap.pop());
        meetings += known - outdated.back().centres_met;
      }
      // Meetings per thread: some milliseconds. Threads that meet every few microseconds stand still together as soon
      // as another program takes one of the cores.
      constexpr std::int64_t kWorthwhile = std::int64_t{1} << 18;
      const std::int64_t per_candidate = std::max<std::int64_t>(1, meetings / std::ssize(outdated));
      at::parallel_for(0, std::ssize(outdated), std::max<std::int64_t>(1, kWorthwhile / per_candidate),
                       [&](std::int64_t begin, std::int64_t end) {
                         for (std::int64_t i = begin; i < end; ++i) {
                           Candidate& candidate = outdated[static_cast<std::size_t>(i)];
                           candidate.value = lowest_squared_distance(
                               rows + candidate.row * dims, centres.data() + candidate.centres_met * dims,
                               known - candidate.centres_met, dims, candidate.value);
                           candidate.centres_met = known;
                         }
                       });
      for (const Candidate& candidate : outdated) heap.push(candidate);
    }
    Candidate taken = heap.pop();
    selected.push_back(taken.row);
    std::copy_n(rows + taken.row * dims, dims, centres.data() + known * dims);
    taken.value = 0;
    heap.push(taken);
    progress.advance();
  }
  return selected;
}

std::int64_t coreset_padded_dims(std::int64_t dims) { return (dims + kLanes - 1) / kLanes * kLanes; }

std::uint64_t coreset_working_bytes(std::int64_t num_rows, std::int64_t dims, std::int64_t count) {
  const std::int64_t padded_dims = coreset_padded_dims(dims);
  const std::int64_t copied_rows = padded_dims == dims ? 0 : num_rows;
  return static_cast<std::uint64_t>((copied_rows + count) * padded_dims) * sizeof(float) +
         static_cast<std::uint64_t>(num_rows) * sizeof(Candidate);
}

}  // namespace normadd::detectors
