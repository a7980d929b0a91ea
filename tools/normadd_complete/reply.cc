// SPDX-License-Identifier: Apache-2.0
#include "normadd_complete/reply.h"

#include <cstdlib>
#include <string_view>

#include "normadd_complete/candidates.h"

namespace normadd::completion {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Backslashes before what the shell would take for itself.
std::string quoted(const std::string& word, char open_quote) {
  if (open_quote != '\0') return word;
  std::string text;
  for (const char c : word) {
    if (std::string_view(" \t'\"\\$`&;|<>()*?!#").find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

}  // namespace

std::string reply(const Catalog& catalog, const std::string& shell, const std::filesystem::path& configs) {
  std::string text = variable("COMP_LINE");
  if (const auto point = variable("COMP_POINT"); !point.empty()) {
    text.resize(std::min<std::size_t>(text.size(), std::strtoul(point.c_str(), nullptr, 10)));
  }
  const TypedLine line = read_typed_line(text);
  std::size_t num_kept = shell == "bash" ? broken_prefix(line, variable("WORD_BREAKS")) : 0;
  // Both shells take what follows an open quote for the word.
  if (line.open_quote != '\0') num_kept = line.raw.rfind(line.open_quote) + 1;
  std::string answer;
  for (const auto& candidate : candidates(catalog, line, configs)) {
    std::string word = candidate.word;
    if (shell != "fish") {
      // What is typed stays as typed; only the rest is new.
      word = (line.raw + quoted(word.substr(line.current.size()), line.open_quote)).substr(num_kept);
      if (candidate.is_finished && line.open_quote == '\0') word += ' ';
    }
    answer += word + "\n";
  }
  return answer;
}

}  // namespace normadd::completion
