// SPDX-License-Identifier: Apache-2.0
// The part of the protocol buffers' wire format that event files need, written by hand: libprotobuf clashes with the
// copies inside LibTorch and OpenCV.
// Source: https://protobuf.dev/programming-guides/encoding
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace normadd::exports {

/// One message being written. Fields appear in the order of the calls, so that equal calls give equal bytes.
class WireMessage {
 public:
  WireMessage& integer(int field, std::uint64_t value);
  WireMessage& number(int field, double value);
  WireMessage& short_number(int field, float value);
  /// A string (UTF-8), bytes, or a message that is complete.
  WireMessage& bytes(int field, std::string_view value);
  WireMessage& message(int field, const WireMessage& value) { return bytes(field, value.text()); }

  const std::string& text() const { return text_; }

 private:
  void key(int field, int wire_type);
  void varint(std::uint64_t value);
  std::string text_;
};

/// The lowest bytes of a number, lowest first.
void append_little_endian(std::string& text, std::uint64_t value, int num_bytes);

}  // namespace normadd::exports
