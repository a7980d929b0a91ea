// SPDX-License-Identifier: Apache-2.0
// A half-typed command line, cut into words as shells do it.
#pragma once

#include <string>
#include <vector>

namespace normadd::completion {

struct TypedLine {
  std::vector<std::string> words;  // complete ones, without quotes; the program's name first
  std::string current;             // the word at the cursor, without quotes; may be empty
  std::string raw;                 // the same as typed
  char open_quote = '\0';          // ' or " when the cursor stands inside such
};

/// text: the line up to the cursor, from the start of the command. Of several commands the last one counts.
TypedLine read_typed_line(const std::string& text);

/// How much of the current word the shell considers a word of its own already: the bytes of raw up to the last
/// character of word_breaks outside quotes, as bash replaces only what follows.
std::size_t broken_prefix(const TypedLine& line, const std::string& word_breaks);

}  // namespace normadd::completion
