// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the valid name nearest to a mistyped one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace normadd::core {

/// Edit distance with insertions, deletions, substitutions and swaps of neighbours, each costing 1.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to name, or nothing when even the nearest differs in more than half of its letters.
std::optional<std::string> nearest_name(std::string_view name, const std::vector<std::string>& candidates);

/// A hint for an unknown name: "Did you mean 'x'?", followed by all valid names when there are at most 20.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace normadd::core
