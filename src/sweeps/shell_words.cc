// SPDX-License-Identifier: Apache-2.0
#include "sweeps/shell_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace normadd::sweeps {
namespace {

bool is_plain(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:=@%+^";
  return !text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos;
}

}  // namespace

void check_one_line(std::string_view text, const std::string& where) {
  constexpr unsigned char kBlank = 0x20, kDelete = 0x7f;
  const bool control = std::ranges::any_of(text, [](char letter) {
    const auto code = static_cast<unsigned char>(letter);
    return code < kBlank || code == kDelete;
  });
  if (control) {
    throw core::ConfigError("line ends and control characters cannot stand in a job script", where,
                            "Use a name without them.");
  }
}

std::string shell_word(std::string_view text, const std::string& where) {
  check_one_line(text, where);
  if (is_plain(text)) return std::string(text);
  std::string word = "'";
  for (const char letter : text) {
    if (letter == '\'') {
      word += "'\\''";
    } else {
      word += letter;
    }
  }
  return word + "'";
}

std::string sbatch_word(std::string_view text, const std::string& where) {
  check_one_line(text, where);
  if (is_plain(text)) return std::string(text);
  std::string word = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') word += '\\';
    word += letter;
  }
  return word + "\"";
}

}  // namespace normadd::sweeps
