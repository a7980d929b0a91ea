// SPDX-License-Identifier: Apache-2.0
// Files that people take for safetensors: what they are, told from their first bytes, and what to do about it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace normadd::networks {

struct ForeignFile {
  std::string what;  // one sentence without a final dot
  std::string hint;
};

/// beginning: the file's first bytes, 64 are enough. Nothing when it may well be safetensors.
std::optional<ForeignFile> foreign_file(std::string_view beginning);

}  // namespace normadd::networks
