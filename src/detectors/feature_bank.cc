// SPDX-License-Identifier: Apache-2.0
#include "detectors/feature_bank.h"

#include <ATen/ATen.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <numeric>
#include <string>
#include <utility>

#include "core/error.h"

namespace normadd::detectors {

struct FeatureBank::Pages {
  explicit Pages(std::size_t wanted) : bytes(wanted) {
    start = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) throw std::bad_alloc();
  }
  ~Pages() { ::munmap(start, bytes); }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  void shrink(std::size_t wanted) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t kept = (wanted + page - 1) / page * page;
    if (kept >= bytes) return;
    ::munmap(static_cast<char*>(start) + kept, bytes - kept);
    bytes = kept;
  }

  void* start = nullptr;
  std::size_t bytes = 0;
};

FeatureBank::FeatureBank(std::int64_t num_rows, std::int64_t dims) : num_rows_(num_rows), dims_(dims) {
  NORMADD_CHECK(num_rows > 0 && dims > 0, std::to_string(num_rows) + " x " + std::to_string(dims));
  pages_ = std::make_shared<Pages>(static_cast<std::size_t>(num_rows) * static_cast<std::size_t>(dims) * sizeof(float));
}

float* FeatureBank::row(std::int64_t number) const { return static_cast<float*>(pages_->start) + number * dims_; }

at::Tensor FeatureBank::view(std::int64_t num_rows) const {
  return at::from_blob(
      pages_->start, {num_rows, dims_}, [pages = pages_](void*) {}, at::kFloat);
}

at::Tensor FeatureBank::rows() const { return view(num_rows_); }

at::Tensor FeatureBank::keep(const std::vector<std::int64_t>& numbers) && {
  NORMADD_CHECK(!numbers.empty() && std::ssize(numbers) <= num_rows_, std::to_string(numbers.size()));
  std::vector<std::int64_t> number_at(static_cast<std::size_t>(num_rows_));
  std::iota(number_at.begin(), number_at.end(), std::int64_t{0});
  std::vector<std::int64_t> place_of = number_at;
  // Each number's first mention swaps its row to the next place at the front.
  std::vector<std::int64_t> places;
  std::int64_t placed = 0;
  for (const std::int64_t number : numbers) {
    std::int64_t& place = place_of.at(static_cast<std::size_t>(number));
    if (place >= placed) {
      const std::int64_t displaced = number_at[static_cast<std::size_t>(placed)];
      if (place != placed) std::swap_ranges(row(place), row(place) + dims_, row(placed));
      number_at[static_cast<std::size_t>(place)] = displaced;
      place_of[static_cast<std::size_t>(displaced)] = place;
      number_at[static_cast<std::size_t>(placed)] = number;
      place = placed++;
    }
    places.push_back(place);
  }
  // Repeated ones are filled in from the back: a row's place is never behind its first mention, so none is lost.
  for (std::int64_t i = std::ssize(places) - 1; i >= 0; --i) {
    const std::int64_t place = places[static_cast<std::size_t>(i)];
    if (place != i) std::copy_n(row(place), dims_, row(i));
  }
  pages_->shrink(numbers.size() * static_cast<std::size_t>(dims_) * sizeof(float));
  return view(std::ssize(numbers));
}

}  // namespace normadd::detectors
