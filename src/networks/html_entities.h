// SPDX-License-Identifier: Apache-2.0
// HTML character references. Source: HTML 5 section 13.2.5.72; behaviour of Python's html.unescape on the 252 names of
// HTML 4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace normadd::networks {

/// Replaces "&amp;", "&#233;", "&#xE9;". Without need_semicolon also the forms that browsers accept bare ("&eacute",
/// "&#233"). What is not a reference stays.
std::u32string unescape_html(std::u32string_view text, bool need_semicolon);

/// What Windows means by the control codes U+0080..U+009F; other codes stay.
char32_t windows_1252(char32_t code);

}  // namespace normadd::networks
