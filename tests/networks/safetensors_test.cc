// SPDX-License-Identifier: Apache-2.0
#include "networks/safetensors.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>

#include "core/atomic_file.h"
#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::networks {
namespace {

using core::WeightsError;
using test::expect_error;

/// A file with any header text and a buffer of that many bytes 0, 1, 2, …
std::string file_bytes(const std::string& header, std::size_t buffer_bytes) {
  const std::uint64_t length = header.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  bytes += header;
  for (std::size_t i = 0; i < buffer_bytes; ++i) bytes += static_cast<char>(i);
  return bytes;
}

class SafetensorsTest : public ::testing::Test {
 protected:
  /// Plainly: hundreds of synced writes would take seconds.
  void write(const std::string& bytes) { std::ofstream(path_, std::ios::binary) << bytes; }

  void expect_refused(const std::string& header, std::size_t buffer_bytes, std::vector<std::string> mentions) {
    write(file_bytes(header, buffer_bytes));
    mentions.push_back(path_.string());
    expect_error<WeightsError>([&] { SafetensorsFile::open(path_); }, mentions);
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "weights.safetensors";
};

TEST_F(SafetensorsTest, RoundTripKeepsEveryDtypeShapeAndValue) {
  TensorMap tensors;
  for (const auto type : {at::kFloat, at::kDouble, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort, at::kChar,
                          at::kByte, at::kBool}) {
    tensors[std::string("t.") + c10::toString(type)] = at::arange(7).remainder(3).to(type);
  }
  tensors["scalar"] = at::scalar_tensor(2.5, at::kFloat);
  tensors["empty"] = at::empty({0, 4}, at::kFloat);
  tensors["view"] = at::arange(12, at::kFloat).view({3, 4}).t();
  tensors["nan"] = at::full({1}, std::numeric_limits<double>::quiet_NaN(), at::kFloat);
  write_safetensors(path_, tensors, {{"made_by", "test"}});
  const auto file = SafetensorsFile::open(path_);
  EXPECT_EQ(file.names().size(), tensors.size());
  for (const auto& [name, expected] : tensors) {
    const at::Tensor found = file.tensor(name);
    EXPECT_EQ(found.scalar_type(), expected.scalar_type()) << name;
    EXPECT_EQ(found.sizes(), expected.sizes()) << name;
    EXPECT_TRUE(found.is_contiguous()) << name;
    if (name != "nan") {
      EXPECT_TRUE(found.equal(expected)) << name;
    }
  }
  EXPECT_TRUE(std::isnan(file.tensor("nan").item<float>()));
  EXPECT_EQ(file.metadata().at("format"), "pt");
  EXPECT_EQ(file.metadata().at("made_by"), "test");
}

TEST_F(SafetensorsTest, WriterAlignsTheBufferAndOrdersByElementSizeThenName) {
  write_safetensors(path_, {{"b", at::zeros({3}, at::kByte)}, {"a", at::zeros({1}, at::kByte)}, {"z", at::zeros({2})}});
  const std::string bytes = core::read_file(path_);
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data(), sizeof header_bytes);
  EXPECT_EQ(header_bytes % 8, 0u);
  EXPECT_EQ(bytes.substr(8, header_bytes).find_last_not_of(' '), bytes.substr(8, header_bytes).rfind('}'));
  EXPECT_LT(bytes.find("\"z\""), bytes.find("\"a\""));
  EXPECT_LT(bytes.find("\"a\""), bytes.find("\"b\""));
  EXPECT_EQ(bytes.size(), 8 + header_bytes + 8 + 4);
}

TEST_F(SafetensorsTest, TensorsShareTheMappingOutliveTheFileObjectAndNeverWriteToTheFile) {
  write_safetensors(path_, {{"w", at::ones({4})}});
  const std::string before = core::read_file(path_);
  at::Tensor first, second;
  {
    const auto file = SafetensorsFile::open(path_);
    first = file.tensor("w");
    second = file.tensor("w");
  }
  EXPECT_EQ(first.data_ptr(), second.data_ptr());
  first.fill_(3);
  EXPECT_EQ(second.sum().item<float>(), 12.0f);
  EXPECT_EQ(core::read_file(path_), before);
}

TEST_F(SafetensorsTest, MisalignedTensorsAreCopied) {
  std::string bytes = file_bytes(R"({"b":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
                                 R"("f":{"dtype":"F32","shape":[1],"data_offsets":[3,7]}})",
                                 7);
  const float value = -1.5f;
  std::memcpy(bytes.data() + bytes.size() - 4, &value, 4);
  write(bytes);
  const at::Tensor tensor = SafetensorsFile::open(path_).tensor("f");
  EXPECT_EQ(tensor.item<float>(), value);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.data_ptr()) % alignof(float), 0u);
}

TEST_F(SafetensorsTest, UnknownNameGivesTheNearest) {
  write_safetensors(path_, {{"conv1.weight", at::zeros({1})}});
  const auto file = SafetensorsFile::open(path_);
  expect_error<WeightsError>([&] { file.tensor("conv1.wieght"); }, {"conv1.wieght", "'conv1.weight'", path_.string()});
}

TEST_F(SafetensorsTest, DtypesWithoutLibTorchEquivalentAreNamedWhenAskedFor) {
  for (const std::string dtype : {"U16", "F8_E4M3", "U64"}) {
    const std::size_t bytes = dtype == "U16" ? 2 : dtype == "U64" ? 8 : 1;
    write(file_bytes(
        R"({"t":{"dtype":")" + dtype + R"(","shape":[1],"data_offsets":[0,)" + std::to_string(bytes) + "]}}", bytes));
    const auto file = SafetensorsFile::open(path_);
    EXPECT_EQ(file.dtype("t"), dtype);
    expect_error<WeightsError>([&] { file.tensor("t"); }, {dtype, "'t'", path_.string()});
  }
}

TEST_F(SafetensorsTest, MissingFileDirectoryAndTinyFileAreRefused) {
  expect_error<WeightsError>([&] { SafetensorsFile::open(directory_ / "none.safetensors"); }, {"none.safetensors"});
  expect_error<WeightsError>([&] { SafetensorsFile::open(directory_.path()); }, {directory_.path().string()});
  write("");
  expect_error<WeightsError>([&] { SafetensorsFile::open(path_); }, {"0 bytes", path_.string()});
  write("1234567");
  expect_error<WeightsError>([&] { SafetensorsFile::open(path_); }, {"7 bytes"});
}

TEST_F(SafetensorsTest, OversizeHeaderIsRefused) {
  std::uint64_t length = 100'000'001;
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  write(bytes + "{}");
  expect_error<WeightsError>([&] { SafetensorsFile::open(path_); }, {"100000001", "limit"});
  length = std::numeric_limits<std::uint64_t>::max();
  std::memcpy(bytes.data(), &length, sizeof length);
  write(bytes + "{}");
  expect_error<WeightsError>([&] { SafetensorsFile::open(path_); }, {"limit"});
}

TEST_F(SafetensorsTest, TruncatedAndPaddedFilesAreRefused) {
  write_safetensors(path_, {{"w", at::ones({16})}});
  const std::string whole = core::read_file(path_);
  write(whole.substr(0, 20));
  expect_error<WeightsError>([&] { SafetensorsFile::open(path_); }, {"truncated", path_.string()});
  write(whole.substr(0, whole.size() - 1));
  expect_error<WeightsError>([&] { SafetensorsFile::open(path_); }, {"truncated", "64", "63"});
  write(whole + "x");
  expect_error<WeightsError>([&] { SafetensorsFile::open(path_); }, {"1 bytes after"});
}

TEST_F(SafetensorsTest, HeadersThatAreNotJsonObjectsAreRefused) {
  expect_refused("", 0, {"'{'"});
  expect_refused("[]", 0, {"'{'"});
  expect_refused(" {}", 0, {"'{'"});
  expect_refused("{\"a\":", 0, {"JSON"});
  expect_refused("{} {}", 0, {"JSON"});
  expect_refused(std::string("{}\0x", 4), 0, {"zero byte"});
  expect_refused("{\"\xff\":{}}", 0, {"JSON"});
  const std::string deep = std::string(400000, '[') + std::string(400000, ']');
  expect_refused(R"({"a":{"dtype":"U8","shape":)" + deep + R"(,"data_offsets":[0,1]}})", 1, {"too deeply"});
}

TEST_F(SafetensorsTest, DuplicateKeysAreRefusedAtEveryDepth) {
  expect_refused(
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1,
      {"'a' twice"});
  expect_refused(R"({"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}})", 1, {"'dtype' twice"});
  expect_refused(R"({"__metadata__":{"k":"1","k":"2"}})", 0, {"'k' twice"});
}

TEST_F(SafetensorsTest, EntriesOfTheWrongFormAreRefused) {
  expect_refused(R"({"a":3})", 0, {"'a'", "not an object"});
  expect_refused(R"({"a":{"dtype":"U8","shape":[1]}})", 1, {"'a'", "lacks 'data_offsets'"});
  expect_refused(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"scale":1}})", 1, {"'a'", "'scale'"});
  expect_refused(R"({"a":{"dtype":8,"shape":[1],"data_offsets":[0,1]}})", 1, {"'a'", "dtype"});
  expect_refused(R"({"a":{"dtype":"F4","shape":[1],"data_offsets":[0,1]}})", 1, {"'a'", "'F4'", "BF16"});
  expect_refused(R"({"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}})", 1, {"'a'", "shape"});
  expect_refused(R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1, {"'a'", "shape", "-1"});
  expect_refused(R"({"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}})", 1, {"'a'", "shape", "1.0"});
  expect_refused(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", 1, {"'a'", "data_offsets"});
  expect_refused(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551616]}})", 1, {"'a'"});
}

TEST_F(SafetensorsTest, SizesThatDoNotFitShapeAndDtypeAreRefused) {
  expect_refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, {"'a'", "8 bytes", "[0, 4]", "F32"});
  expect_refused(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1, {"'a'", "[1, 0]"});
  expect_refused(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0,
                 {"'a'", "overflows"});
  expect_refused(R"({"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}})", 0,
                 {"'a'", "overflows"});
}

TEST_F(SafetensorsTest, OverlapsAndHolesAreRefused) {
  const std::string a = R"("a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]})";
  expect_refused("{" + a + R"(,"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})", 6, {"'b'", "overlaps"});
  expect_refused("{" + a + R"(,"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", 4, {"overlaps"});
  expect_refused("{" + a + R"(,"b":{"dtype":"U8","shape":[1],"data_offsets":[5,6]}})", 6, {"'b'", "hole of 1 bytes"});
  expect_refused(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}})", 4, {"'a'", "hole of 3 bytes"});
}

TEST_F(SafetensorsTest, MetadataHoldsStringsOnly) {
  expect_refused(R"({"__metadata__":{"k":1}})", 0, {"__metadata__", "'k'"});
  expect_refused(R"({"__metadata__":["k"]})", 0, {"__metadata__"});
  write(file_bytes(R"({"__metadata__":{"k":"v"}}   )", 0));
  EXPECT_EQ(SafetensorsFile::open(path_).metadata().at("k"), "v");
}

TEST_F(SafetensorsTest, AnyDamagedByteOrLengthIsRefusedOrLeavesAReadableFile) {
  write_safetensors(path_, {{"a", at::ones({2, 3})}, {"b", at::zeros({5}, at::kByte)}});
  const std::string whole = core::read_file(path_);
  const auto read_all = [&] {
    try {
      for (const auto& item : SafetensorsFile::open(path_).tensors()) {
        EXPECT_LE(item.second.nbytes(), whole.size());
        item.second.to(at::kDouble).sum();
      }
      return true;
    } catch (const WeightsError&) {
      return false;
    }
  };
  EXPECT_TRUE(read_all());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    write(whole.substr(0, length));
    EXPECT_FALSE(read_all()) << length;
  }
  std::size_t refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << i % 8));
    write(damaged);
    refused += read_all() ? 0 : 1;
  }
  EXPECT_GT(refused, whole.size() / 2);
}

TEST_F(SafetensorsTest, WriterRefusesWhatTheFormatCannotHoldAndLeavesNothing) {
  expect_error<core::OutputError>(
      [&] {
        write_safetensors(path_, {{"c", at::zeros({1}, at::kComplexFloat)}});
      },
      {"'c'", path_.string()});
  expect_error<core::OutputError>([&] { write_safetensors(path_, {{"\xff", at::zeros({1})}}); }, {"UTF-8"});
  expect_error<core::OutputError>(
      [&] {
        write_safetensors("/proc/none/w.safetensors", {{"a", at::zeros({1})}});
      },
      {"/proc/none"});
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace normadd::networks
