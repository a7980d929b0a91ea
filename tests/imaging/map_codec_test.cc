// SPDX-License-Identifier: Apache-2.0
#include "imaging/map_codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>

#include "core/atomic_file.h"
#include "core/error.h"
#include "imaging/codec.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::imaging {
namespace {

using test::expect_error;

std::filesystem::path map_file(const std::string& name) { return test::golden("imaging/maps/" + name); }

/// The map of make_map_goldens.py, rounded once from double as NumPy does.
Map formula_map() {
  Map map(5, 7);
  for (std::size_t i = 0; i < map.values.size(); ++i)
    map.values[i] = static_cast<float>(static_cast<double>(i) / 3 - 4);
  return map;
}

bool same_bits(const Map& a, const Map& b) {
  return a.size() == b.size() && std::equal(a.values.begin(), a.values.end(), b.values.begin(), [](float x, float y) {
           return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
         });
}

class MapsOfOtherTools : public ::testing::TestWithParam<const char*> {};

TEST_P(MapsOfOtherTools, AreReadBitForBit) { EXPECT_TRUE(same_bits(read_map(map_file(GetParam())), formula_map())); }

INSTANTIATE_TEST_SUITE_P(Tiff, MapsOfOtherTools,
                         ::testing::Values("float32.tiff", "float32_big_endian.tiff", "float32_bigtiff.tiff",
                                           "float32_strips.tiff", "float32_deflate_predictor.tiff", "float32_lzw.tiff",
                                           "float64.tiff", "pillow_float32.tiff", "opencv_float32.tiff"));
INSTANTIATE_TEST_SUITE_P(Npy, MapsOfOtherTools,
                         ::testing::Values("float32.npy", "float32_fortran.npy", "float64_big_endian.npy",
                                           "float32_channel_first.npy", "float32_channel_last.npy",
                                           "float32_version2.npy"));

TEST(MapCodec, ReadsTilesAndDropsTheirPadding) {
  const Map map = read_map(map_file("float32_tiles.tiff")), expected = formula_map();
  ASSERT_EQ(map.size(), (Size{20, 27}));
  for (int y = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x) {
      EXPECT_EQ(map.row(y)[x], y < 5 && x < 7 ? expected.row(y)[x] : 9.0f) << y << ' ' << x;
    }
  }
}

TEST(MapCodec, ReadsHalfPrecision) {
  EXPECT_EQ(read_map(map_file("halves.npy")).values,
            (std::vector<float>{0.0f, 0x1p-24f, 0x1.ff8p-15f, 0x1.554p-2f, 1.0f, 2048.0f, 65504.0f, -2.5f}));
  const Map expected = formula_map();
  for (const char* name : {"float16.npy", "float16.tiff"}) {
    const Map map = read_map(map_file(name));
    ASSERT_EQ(map.size(), expected.size());
    for (std::size_t i = 0; i < map.values.size(); ++i) {
      EXPECT_NEAR(map.values[i], expected.values[i], std::abs(expected.values[i]) / 2048 + 1e-7) << name;
    }
  }
}

TEST(MapCodec, WholeNumbersOfTiffsStandForThemselvesOrAreScaled) {
  const Map plain = read_map(map_file("uint16.tiff")), scaled = read_map(map_file("uint16.tiff"), {0.5, -3});
  const Map bytes = read_map(map_file("uint8.tiff"));
  for (std::size_t i = 0; i < plain.values.size(); ++i) {
    EXPECT_EQ(plain.values[i], 257.0f * static_cast<float>(i));
    EXPECT_EQ(scaled.values[i], 0.5f * plain.values[i] - 3);
    EXPECT_EQ(bytes.values[i], static_cast<float>(i));
  }
}

TEST(MapCodec, PngNeedsAScale) {
  const Map deep = read_map(map_file("uint16.png"), {1.0 / 65535, 0.25}), flat = read_map(map_file("uint8.png"), {2.0});
  for (std::size_t i = 0; i < deep.values.size(); ++i) {
    EXPECT_FLOAT_EQ(deep.values[i], static_cast<float>(257.0 * static_cast<double>(i) / 65535 + 0.25));
    EXPECT_EQ(flat.values[i], 2.0f * static_cast<float>(i));
  }
  expect_error<core::DataError>([] { read_map(map_file("uint16.png")); }, {"uint16.png", "scale * pixel + offset"});
}

TEST(MapCodec, AnEnormousPngIsRefusedBeforeItIsDecoded) {
  const test::TemporaryDirectory directory;
  std::string bytes = core::read_file(map_file("uint16.png"));
  // IHDR's width and height: 2^16 each. Whether the checksum fits is not looked at first.
  for (const std::size_t at : {16u, 20u}) bytes.replace(at, 4, std::string_view("\0\1\0\0", 4));
  core::write_file_atomically(directory / "huge.png", bytes);
  test::expect_error<core::DataError>(
      [&] {
        read_map(directory / "huge.png", {1.0, 0.0});
      },
      {"huge.png", "larger than any map"});
}

TEST(MapCodec, ScaleLeavesFloatsAlone) {
  EXPECT_TRUE(same_bits(read_map(map_file("float32.tiff"), {7.0, 1}), formula_map()));
  EXPECT_TRUE(same_bits(read_map(map_file("float32.npy"), {7.0, 1}), formula_map()));
}

TEST(MapCodec, WhatItWritesComesBackBitForBit) {
  const test::TemporaryDirectory directory;
  Map map = formula_map();
  map.values[3] = -0.0f;
  map.values[4] = std::numeric_limits<float>::denorm_min();
  map.values[5] = std::numeric_limits<float>::max();
  write_tiff_map(directory / "map.tiff", map);
  write_npy_map(directory / "map.npy", map);
  EXPECT_TRUE(same_bits(read_map(directory / "map.tiff"), map));
  EXPECT_TRUE(same_bits(read_map(directory / "map.npy"), map));
}

// What NumPy writes for the same array, byte for byte.
TEST(MapCodec, WritesNpyAsNumPyDoes) {
  const test::TemporaryDirectory directory;
  write_npy_map(directory / "map.npy", formula_map());
  EXPECT_EQ(core::read_file(directory / "map.npy"), core::read_file(map_file("float32.npy")));
}

/// Not over an existing file: some file systems then wait for the disk.
void write_anew(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}

struct BadFile {
  const char* name;
  std::vector<std::string> mentions;
};

TEST(MapCodec, RefusesWithTheFileAndTheReason) {
  const BadFile files[] = {
      {"rgb.tiff", {"3 channels"}},
      {"float32_two_pages.tiff", {"2 pages"}},
      {"float32_not_finite.tiff", {"not a number", "row 2, column 2"}},
      {"int32.tiff", {"32-bit", "float32"}},
      {"two_channels.npy", {"(2, 5, 7)", "one map per file"}},
      {"int64.npy", {"<i8", "astype('float32')"}},
      {"infinite.npy", {"infinite", "row 2, column 2"}},
      {"objects.npy", {"pickled", "never loaded"}},
      {"records.npy", {"records"}},
      {"false_colours.png", {"3 channels", "false colours"}},
      {"absent.tiff", {"cannot read"}},
  };
  for (const auto& file : files) {
    SCOPED_TRACE(file.name);
    auto mentions = file.mentions;
    mentions.emplace_back(file.name);
    expect_error<core::DataError>([&] { read_map(map_file(file.name), {1.0}); }, mentions);
  }
}

TEST(MapCodec, RefusesFilesOfOtherKinds) {
  const test::TemporaryDirectory directory;
  core::write_file_atomically(directory / "empty.tiff", "");
  core::write_file_atomically(directory / "text.tiff", "0.1,0.2\n");
  expect_error<core::DataError>([&] { read_map(directory / "empty.tiff"); }, {"empty.tiff", "no bytes"});
  expect_error<core::DataError>([&] { read_map(directory / "text.tiff"); }, {"text.tiff", "no TIFF, NPY or PNG"});
}

// Every proper beginning of a file is either refused, or (when only what follows the numbers is cut) whole.
TEST(MapCodec, RefusesTruncatedFilesWhereverTheyEnd) {
  const test::TemporaryDirectory directory;
  const auto path = directory / "cut";
  for (const char* name : {"float32.tiff", "float32_strips.tiff", "float32_deflate_predictor.tiff",
                           "float32_tiles.tiff", "float32.npy", "float64_big_endian.npy", "uint16.png"}) {
    const std::string bytes = core::read_file(map_file(name));
    const Map whole = read_map(map_file(name), {1.0});
    std::size_t num_refused = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      write_anew(path, bytes.substr(0, size));
      try {
        EXPECT_TRUE(same_bits(read_map(path, {1.0}), whole)) << name << " cut to " << size;
      } catch (const core::DataError&) {
        ++num_refused;
      }
    }
    EXPECT_GT(num_refused, bytes.size() / 2) << name;
  }
}

// Any single damaged byte gives a map or a DataError: no crash, no huge allocation, no other exception.
TEST(MapCodec, SurvivesDamagedBytes) {
  const test::TemporaryDirectory directory;
  const auto path = directory / "damaged";
  for (const char* name : {"float32_deflate_predictor.tiff", "float32_tiles.tiff", "float32.npy"}) {
    const std::string bytes = core::read_file(map_file(name));
    std::size_t num_read = 0, num_refused = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
      write_anew(path, damaged);
      try {
        read_map(path);
        ++num_read;
      } catch (const core::DataError&) {
        ++num_refused;
      }
    }
    EXPECT_GT(num_read, 0u) << name;
    EXPECT_GT(num_refused, 0u) << name;
  }
}

TEST(MapCodec, NegativeValuesAreForTheCallerToJudge) {
  Map map(1, 3, 0.0f);
  EXPECT_NO_THROW(require_non_negative(map, "map.tiff"));
  map.values[1] = -0.5f;
  expect_error<core::DataError>([&] { require_non_negative(map, "map.tiff"); }, {"map.tiff", "-0.5", "train/good"});
}

TEST(MapCodec, WritingWhereItCannotNamesThePlace) {
  const test::TemporaryDirectory directory;
  core::write_file_atomically(directory / "file", "x");
  expect_error<core::OutputError>([&] { write_tiff_map(directory / "file" / "map.tiff", formula_map()); },
                                  {(directory / "file").string()});
}

}  // namespace
}  // namespace normadd::imaging
