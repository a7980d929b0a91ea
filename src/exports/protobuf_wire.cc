// SPDX-License-Identifier: Apache-2.0
#include "exports/protobuf_wire.h"

#include <bit>

namespace normadd::exports {
namespace {

constexpr int kVarint = 0, kEightBytes = 1, kLengthDelimited = 2, kFourBytes = 5;

}  // namespace

void append_little_endian(std::string& text, std::uint64_t value, int num_bytes) {
  for (int i = 0; i < num_bytes; ++i) text += static_cast<char>((value >> (8 * i)) & 0xff);
}

void WireMessage::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) text_ += static_cast<char>((value & 0x7f) | 0x80);
  text_ += static_cast<char>(value);
}

void WireMessage::key(int field, int wire_type) { varint(static_cast<std::uint64_t>(field << 3 | wire_type)); }

WireMessage& WireMessage::integer(int field, std::uint64_t value) {
  key(field, kVarint);
  varint(value);
  return *this;
}

WireMessage& WireMessage::number(int field, double value) {
  key(field, kEightBytes);
  append_little_endian(text_, std::bit_cast<std::uint64_t>(value), 8);
  return *this;
}

WireMessage& WireMessage::short_number(int field, float value) {
  key(field, kFourBytes);
  append_little_endian(text_, std::bit_cast<std::uint32_t>(value), 4);
  return *this;
}

WireMessage& WireMessage::bytes(int field, std::string_view value) {
  key(field, kLengthDelimited);
  varint(value.size());
  text_ += value;
  return *this;
}

}  // namespace normadd::exports
