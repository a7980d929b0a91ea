// SPDX-License-Identifier: Apache-2.0
#include "config/fingerprint.h"

#include <cstring>

#include "core/hashing.h"

namespace normadd::config {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  char bytes[sizeof(number)];
  std::memcpy(bytes, &number, sizeof(number));
  out.append(bytes, sizeof(bytes));
}

void append_text(std::string& out, const std::string& text) {
  append_number(out, text.size());
  out += text;
}

void append(std::string& out, const Value& value) {
  if (value.is_null()) {
    out += 'n';
  } else if (value.is_bool()) {
    out += value.as_bool() ? 't' : 'f';
  } else if (value.is_integer()) {
    out += 'i';
    append_number(out, static_cast<std::uint64_t>(value.as_integer()));
  } else if (value.is_float()) {
    const double number = value.as_float();
    std::uint64_t bits = 0;
    std::memcpy(&bits, &number, sizeof(bits));
    out += 'd';
    append_number(out, bits);
  } else if (value.is_string()) {
    out += 's';
    append_text(out, value.as_string());
  } else if (value.is_list()) {
    out += 'l';
    append_number(out, value.as_list().size());
    for (const auto& element : value.as_list()) append(out, element);
  } else {
    out += 'm';
    append_number(out, value.as_map().size());
    for (const auto& [key, entry] : value.as_map()) {
      append_text(out, key);
      append(out, entry);
    }
  }
}

}  // namespace

std::string fingerprint(const Value& value) {
  std::string bytes;
  append(bytes, value);
  return core::xxh128_hex(bytes);
}

}  // namespace normadd::config
