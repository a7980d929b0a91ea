// SPDX-License-Identifier: Apache-2.0
// Only for clang-tidy, which compiles nothing. LibTorch 1.13 has a class with a vector of itself, which clang refuses
// once std::vector is constexpr, as it is in C++20; GCC takes it. Here std::vector is read as in C++17, under another
// name for the one function that <string> has declared before.
#pragma once

// clang-format off
// NOLINTBEGIN(bugprone-reserved-identifier)
#include <string>
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR
#define __fill_a1 __fill_a1_of_vector
#include <vector>
#undef __fill_a1
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR constexpr
// NOLINTEND(bugprone-reserved-identifier)
// clang-format on
