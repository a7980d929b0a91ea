// SPDX-License-Identifier: Apache-2.0
// Reads the binary goldens of maps.
#pragma once

#include <cstring>
#include <string>

#include "core/atomic_file.h"
#include "imaging/image.h"
#include "support/temporary_directory.h"

namespace normadd::test {

class GoldenReader {
 public:
  explicit GoldenReader(const std::string& name) : bytes_(core::read_file(golden("imaging/" + name))) {}

  bool has_more() const { return at_ < bytes_.size(); }

  template <typename Number>
  Number next() {
    Number number;
    std::memcpy(&number, bytes_.data() + at_, sizeof(Number));
    at_ += sizeof(Number);
    return number;
  }

  imaging::Map next_map() {
    const int height = next<std::int32_t>();
    const int width = next<std::int32_t>();
    imaging::Map map(height, width);
    for (float& value : map.values) value = next<float>();
    return map;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

inline double largest_difference(const imaging::Map& a, const imaging::Map& b) {
  double largest = a.size() == b.size() ? 0 : 1e30;
  for (std::size_t i = 0; i < a.values.size() && a.size() == b.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a.values[i]) - b.values[i]));
  }
  return largest;
}

}  // namespace normadd::test
