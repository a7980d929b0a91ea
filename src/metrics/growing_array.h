// SPDX-License-Identifier: Apache-2.0
// An array for hundreds of megabytes of plain numbers. std::vector copies itself when it grows and then needs up to
// three times its size; realloc moves the pages of a large block instead, so that the peak is the size.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace normadd::metrics {

template <typename T>
class GrowingArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  GrowingArray() = default;
  GrowingArray(const GrowingArray&) = delete;
  GrowingArray& operator=(const GrowingArray&) = delete;
  GrowingArray(GrowingArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  GrowingArray& operator=(GrowingArray&&) = delete;
  ~GrowingArray() { std::free(data_); }

  /// Makes room for count more, so that as many calls of append cannot fail.
  void make_room(std::size_t count) {
    if (count <= capacity_ - size_) return;
    // Pages that are never written cost nothing.
    const std::size_t wanted = size_ + count > capacity_ + capacity_ / 2 ? size_ + count : capacity_ + capacity_ / 2;
    void* moved = std::realloc(data_, wanted * sizeof(T));
    if (moved == nullptr) throw std::bad_alloc();
    data_ = static_cast<T*>(moved);
    capacity_ = wanted;
  }
  /// There must be room.
  void append(T value) { data_[size_++] = value; }

  std::size_t size() const { return size_; }
  std::span<T> span() { return {data_, size_}; }
  std::span<const T> span() const { return {data_, size_}; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace normadd::metrics
