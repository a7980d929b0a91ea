// SPDX-License-Identifier: Apache-2.0
// Phrases from outside as text: tidied, checked for being plain, generalised, and quoted for messages.
#pragma once

#include <string>

namespace normadd::normality {

/// White space collapsed, typographic apostrophes and dashes made plain; final full stops and commas and an article in
/// front taken off, since templates bring their own.
std::string tidy_phrase(const std::string& text);

/// What keeps a text from being a plain phrase ("holds a brace"), or nothing: letters, digits, blanks and ordinary
/// punctuation are plain; braces, markup, control and invisible characters are not.
std::string flaw_of_plain_text(const std::string& text);

/// The phrase with {category} in place of the name wherever that stands as a word, whatever its case.
std::string with_category_placeholder(const std::string& phrase, const std::string& name);
/// The reverse.
std::string fill_category(const std::string& phrase, const std::string& name);

/// A text from outside in quotes, for messages: at most so many bytes, on one line, nothing that a terminal obeys.
std::string quoted_excerpt(const std::string& text, std::size_t longest = 80);

}  // namespace normadd::normality
