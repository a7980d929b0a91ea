// SPDX-License-Identifier: Apache-2.0
#include "exports/tensorboard_events.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "core/error.h"
#include "core/number_text.h"
#include "exports/protobuf_wire.h"

namespace normadd::exports {
namespace {

constexpr std::uint32_t kCastagnoliReversed = 0x82f63b78, kMaskDelta = 0xa282ead8;

std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? kCastagnoliReversed : 0);
    table[byte] = rest;
  }
  return table;
}

enum DataType : std::uint64_t { kString = 1, kBool = 2, kFloat64 = 3 };

DataType type_of(const HyperparameterValue& value) { return value.number ? kFloat64 : value.flag ? kBool : kString; }

/// google.protobuf.Value
WireMessage wire_value(const HyperparameterValue& value) {
  WireMessage message;
  if (value.number) return message.number(2, *value.number);
  if (value.flag) return message.integer(4, *value.flag ? 1 : 0);
  return message.bytes(3, value.text);
}

std::string text_of(const HyperparameterValue& value) {
  if (value.number) return core::shortest_text(*value.number);
  if (value.flag) return *value.flag ? "true" : "false";
  return value.text;
}

WireMessage wire_column(const HyperparameterColumn& column) {
  DataType type = column.values.empty() ? kString : type_of(column.values.front());
  for (const auto& value : column.values) {
    if (type_of(value) != type) type = kString;
  }
  std::set<std::string> texts;
  for (const auto& value : column.values) texts.insert(text_of(value));
  WireMessage message;
  message.bytes(1, column.name).integer(4, type);
  if (type == kFloat64) {
    const auto [low, high] = std::minmax_element(column.values.begin(), column.values.end(),
                                                 [](const auto& a, const auto& b) { return *a.number < *b.number; });
    message.message(6, WireMessage().number(1, *low->number).number(2, *high->number));
  } else {
    WireMessage list;
    for (const auto& text : texts) {
      HyperparameterValue value{.number = {}, .flag = {}, .text = text};
      if (type == kBool) value.flag = text == "true";
      list.message(1, wire_value(value));
    }
    message.message(5, list);
  }
  // The tab shows these columns first.
  if (texts.size() > 1) message.integer(7, 1);
  return message;
}

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  static const auto table = make_table();
  std::uint32_t rest = 0xffffffff;
  for (const char c : bytes) rest = (rest >> 8) ^ table[(rest ^ static_cast<unsigned char>(c)) & 0xff];
  return rest ^ 0xffffffff;
}

std::uint32_t masked_crc32c(std::string_view bytes) {
  const std::uint32_t sum = crc32c(bytes);
  return ((sum >> 15) | (sum << 17)) + kMaskDelta;
}

EventFile::EventFile(double time_s) : time_s_(time_s) {
  add_record(WireMessage().number(1, time_s_).bytes(3, "brain.Event:2").text());
}

void EventFile::add_record(std::string_view data) {
  std::string length;
  append_little_endian(length, data.size(), 8);
  bytes_ += length;
  append_little_endian(bytes_, masked_crc32c(length), 4);
  bytes_ += data;
  append_little_endian(bytes_, masked_crc32c(data), 4);
}

void EventFile::add_value(std::string_view value) {
  add_record(WireMessage().number(1, time_s_).message(5, WireMessage().bytes(1, value)).text());
}

void EventFile::add_scalar(const std::string& tag, double value) {
  add_value(WireMessage().bytes(1, tag).short_number(2, static_cast<float>(value)).text());
}

void EventFile::add_image(const std::string& tag, std::string_view png, const std::string& where) {
  constexpr std::string_view kSignature("\x89PNG\r\n\x1a\n", 8);
  constexpr std::size_t kWidthAt = 16, kHeightAt = 20, kHeaderEnd = 24;
  if (!png.starts_with(kSignature) || png.size() < kHeaderEnd) {
    throw core::DataError("this is no PNG picture", where, "Remove it, or run again.");
  }
  constexpr std::uint64_t kRgb = 3;
  WireMessage image;
  image.integer(1, big_endian(png, kHeightAt)).integer(2, big_endian(png, kWidthAt)).integer(3, kRgb).bytes(4, png);
  add_value(WireMessage().bytes(1, tag).message(4, image).text());
}

void EventFile::add_hparams(const std::string& tag, std::string_view plugin_data) {
  constexpr std::uint64_t kFloat = 1;
  // The plugin looks at the metadata alone; the tensor [0] float32 is there because each value needs one.
  const WireMessage shape = WireMessage().message(2, WireMessage());
  const WireMessage tensor = WireMessage().integer(1, kFloat).message(2, shape);
  const WireMessage plugin = WireMessage().bytes(1, "hparams").bytes(2, plugin_data);
  add_value(WireMessage().bytes(1, tag).message(8, tensor).message(9, WireMessage().message(1, plugin)).text());
}

void EventFile::add_experiment(const std::vector<HyperparameterColumn>& columns,
                               const std::vector<std::string>& metrics) {
  WireMessage experiment;
  experiment.number(3, time_s_);
  for (const auto& column : columns) experiment.message(4, wire_column(column));
  for (const auto& tag : metrics) {
    experiment.message(5, WireMessage().message(1, WireMessage().bytes(2, tag)).bytes(3, tag));
  }
  add_hparams("_hparams_/experiment", WireMessage().message(2, experiment).text());
}

void EventFile::add_session(const std::vector<Hyperparameter>& values, const std::string& group, double end_s) {
  constexpr std::uint64_t kSuccess = 1;
  WireMessage start;
  for (const auto& one : values) {
    start.message(1, WireMessage().bytes(1, one.name).message(2, wire_value(one.value)));
  }
  start.bytes(4, group).number(5, time_s_);
  add_hparams("_hparams_/session_start_info", WireMessage().message(3, start).text());
  const WireMessage end = WireMessage().integer(1, kSuccess).number(2, end_s);
  add_hparams("_hparams_/session_end_info", WireMessage().message(4, end).text());
}

}  // namespace normadd::exports
