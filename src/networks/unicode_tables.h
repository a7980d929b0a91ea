// SPDX-License-Identifier: Apache-2.0
// The few facts about Unicode that tokenising needs. Source: Unicode Character Database. All tables ascend by their
// first field.
#pragma once

#include <cstdint>
#include <span>

namespace normadd::networks {

struct CodeRange {
  char32_t first, last;
};
/// Code points first, first + stride, ..., last have their lower case delta further on.
struct LowerCase {
  char32_t first, last;
  std::int32_t delta;
  std::uint32_t stride;
};
/// Canonical decomposition into two; composes says whether composed text (NFC) uses whole.
struct Composition {
  char32_t whole, first, second;
  bool composes;
};
struct Replacement {
  char32_t from, to;
};
/// Canonical combining class (not 0) of the marks first..last.
struct CombiningClass {
  char32_t first, last;
  std::uint8_t value;
};

std::span<const CodeRange> letters();  // general category L*
std::span<const CodeRange> numbers();  // general category N*
std::span<const LowerCase> lower_cases();
std::span<const Composition> compositions();
std::span<const Replacement> singletons();
std::span<const CombiningClass> combining_classes();

}  // namespace normadd::networks
