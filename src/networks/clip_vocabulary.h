// SPDX-License-Identifier: Apache-2.0
// CLIP's own vocabulary, carried inside the program: hub repositories of CLIP weights often come without one.
#pragma once

#include <string_view>

namespace normadd::networks {

/// Tokens of every published CLIP that uses this vocabulary.
inline constexpr int kClipTokens = 49408;

/// data/vocabulary/bpe_simple_vocab_16e6.txt.gz as it was when the program was built (packed).
std::string_view packed_clip_vocabulary();

}  // namespace normadd::networks
