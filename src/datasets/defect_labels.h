// SPDX-License-Identifier: Apache-2.0
// Defect types as tables write them.
#pragma once

#include <optional>
#include <string>

namespace normadd::datasets {

/// The type of an image that several defects show on; flagged in every table, as MVTec AD's own "combined".
inline constexpr const char* kCombinedType = "combined";

/// "bent" -> bent, "bent, scratch" -> combined, "bent,bent" -> bent; empty, or only normal_word -> good. Nothing for a
/// list that names normal_word beside defects.
std::optional<std::string> defect_type_of(const std::string& labels, const std::string& normal_word);

/// "Chunk of wax missing" -> chunk_of_wax_missing, as MVTec AD writes its types.
std::string with_underscores(std::string type);

/// Whether a name can stand in file names and tables: no '/', '\', control characters, and neither "." nor "..".
bool is_plain_name(const std::string& name);

}  // namespace normadd::datasets
