// SPDX-License-Identifier: Apache-2.0
// What happens to a text before byte-pair encoding: cleaning, and the split into words.
// Source: openai/CLIP clip/simple_tokenizer.py (basic_clean, whitespace_clean, pattern) and the ftfy steps named below
// (behaviour).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace normadd::networks {

/// Invalid UTF-8 becomes U+FFFD; ftfy's single-character repairs (ligatures, full-width forms, curly quotes, line ends,
/// control characters) and composition (NFC); HTML entities resolved twice; white space collapsed to single spaces;
/// lower-case.
std::string clean_text(std::string_view text);

/// Splits a cleaned text: the contractions 's 't 're 've 'm 'll 'd, runs of letters, single digits, runs of anything
/// else but white space.
std::vector<std::string> split_words(std::string_view text);

}  // namespace normadd::networks
