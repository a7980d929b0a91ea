// SPDX-License-Identifier: Apache-2.0
#include "exports/safe_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/hashing.h"
#include "core/utf8.h"

namespace normadd::exports {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

bool is_allowed(char c, Alphabet alphabet) {
  const auto byte = static_cast<unsigned char>(c);
  if (alphabet == Alphabet::kUtf8) return byte >= 0x20 && byte != 0x7f && c != '/' && c != '\\';
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == ' ';
}

std::string first_bytes(std::string text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && is_continuation(text[end])) --end;
  text.resize(end);
  return text;
}

std::string with_hash(const std::string& text, std::string_view hashed, std::size_t max_bytes) {
  constexpr std::size_t kDigits = 8;
  return fmt::format("{}-{}", first_bytes(text, max_bytes - kDigits - 1),
                     core::xxh128_hex(std::string(hashed)).substr(0, kDigits));
}

}  // namespace

std::string safe_part(std::string_view text, Alphabet alphabet, std::size_t max_bytes) {
  const std::string valid = core::valid_utf8(text);
  std::string part;
  for (const char c : valid) {
    if (is_allowed(c, alphabet)) {
      part += c;
    } else if (!is_continuation(c)) {
      part += '_';
    }
  }
  // Dots alone mean folders, and readers trim blanks.
  if (part.find_first_not_of('.') == std::string::npos) part.assign(1, '_');
  if (part.find("..") != std::string::npos) std::replace(part.begin(), part.end(), '.', '_');
  if (part.front() == ' ') part.front() = '_';
  if (part.back() == ' ') part.back() = '_';
  return part == text && part.size() <= max_bytes ? part : with_hash(part, text, max_bytes);
}

std::string safe_key(const std::vector<std::string>& parts, Alphabet alphabet, std::size_t max_bytes) {
  std::string key, whole;
  for (const auto& part : parts) {
    key += (key.empty() ? "" : "/") + safe_part(part, alphabet);
    whole += part + '\0';
  }
  return key.size() <= max_bytes ? key : with_hash(key, whole, max_bytes);
}

std::string UniqueKeys::add(const std::string& key, const std::string& identity) {
  std::string unique = key;
  for (int attempt = 0; !taken_.insert(unique).second; ++attempt) {
    unique = with_hash(key, fmt::format("{}\n{}", identity, attempt), std::max<std::size_t>(key.size(), 250));
  }
  return unique;
}

std::string cut_text(std::string_view text, std::size_t max_characters) {
  const std::string valid = core::valid_utf8(text);
  std::size_t characters = 0, end_of_cut = 0;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    if (is_continuation(valid[i])) continue;
    if (characters + 1 == max_characters) end_of_cut = i;
    if (++characters > max_characters) return valid.substr(0, end_of_cut) + "…";
  }
  return valid;
}

}  // namespace normadd::exports
