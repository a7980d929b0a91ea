// SPDX-License-Identifier: Apache-2.0
// Text as code points: the classes, case mapping and normal form that a tokenizer asks for.
// Source: The Unicode Standard, chapters 3.11 (normalisation), 3.13 (case); Python's str.lower for the final sigma
// (behaviour).
#pragma once

#include <string>
#include <string_view>

namespace normadd::networks {

/// Every malformed byte becomes U+FFFD.
std::u32string decode_utf8(std::string_view bytes);
void append_utf8(std::string& bytes, char32_t code);
std::string encode_utf8(std::u32string_view text);

bool is_letter(char32_t code);  // general category L*
bool is_number(char32_t code);  // general category N*
bool is_space(char32_t code);

/// Lower case; a capital sigma at a word's end becomes the final sigma, a dotted capital I becomes i and a dot above.
std::u32string lower_case(std::u32string_view text);

/// Normal form C, but for compatibility ideographs and marks outside the basic plane, which stay as they are.
std::u32string composed(std::u32string_view text);

}  // namespace normadd::networks
