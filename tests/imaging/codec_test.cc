// SPDX-License-Identifier: Apache-2.0
#include "imaging/codec.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "core/atomic_file.h"
#include "core/error.h"
#include "formula_picture.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::imaging {
namespace {

using test::expect_error;
using test::golden;

class Codec : public ::testing::Test {
 protected:
  std::filesystem::path file_with(const std::string& bytes) {
    const auto path = directory_ / "picture";
    core::write_file_atomically(path, bytes);
    return path;
  }

  test::TemporaryDirectory directory_;
};

Image in_three_channels(const Image& grey) {
  Image out(grey.height, grey.width, 3);
  for (std::size_t i = 0; i < out.pixels.size(); ++i) out.pixels[i] = grey.pixels[i / 3];
  return out;
}

TEST_F(Codec, ReadsColourInRgbOrder) {
  EXPECT_EQ(read_image(golden("imaging/kind_rgb.png")).pixels, test::formula_picture({12, 20}, 3).pixels);
}

TEST_F(Codec, DropsAlpha) {
  EXPECT_EQ(read_image(golden("imaging/kind_rgba.png")).pixels, test::formula_picture({12, 20}, 3).pixels);
}

TEST_F(Codec, ReplicatesGreyAndScalesSixteenBits) {
  const Image expected = in_three_channels(test::formula_picture({12, 20}, 1));
  EXPECT_EQ(read_image(golden("imaging/kind_grey.png")).pixels, expected.pixels);
  EXPECT_EQ(read_image(golden("imaging/kind_grey16.png")).pixels, expected.pixels);
}

TEST_F(Codec, ReadsPalettes) {
  const Image image = read_image(golden("imaging/kind_palette.png"));
  EXPECT_EQ(image.size(), (Size{12, 20}));
  EXPECT_EQ(image.channels, 3);
}

TEST_F(Codec, LeavesOrientationToTheFile) {
  EXPECT_EQ(read_image(golden("imaging/kind_rotated.jpg")).size(), (Size{40, 24}));
  EXPECT_EQ(read_image_size(golden("imaging/kind_rotated.jpg")), (Size{40, 24}));
}

TEST_F(Codec, AMaskIsWhateverIsNotZero) {
  for (const char* name : {"mask_16bit_value_1.png", "mask_1bit.png"}) {
    const Mask mask = read_mask(golden(std::string("imaging/") + name));
    ASSERT_EQ(mask.size(), (Size{12, 20})) << name;
    for (int y = 0; y < 12; ++y) {
      for (int x = 0; x < 20; ++x) EXPECT_EQ(mask.row(y)[x], y >= 3 && y < 6 && x >= 4 && x < 11 ? 1 : 0) << name;
    }
  }
}

TEST_F(Codec, WritesWhatItReads) {
  for (const int channels : {1, 3}) {
    const Image image = test::formula_picture({17, 23}, channels);
    write_png(directory_ / "deep/er.png", image);
    const Image back = read_image(directory_ / "deep/er.png");
    EXPECT_EQ(back.pixels, channels == 3 ? image.pixels : in_three_channels(image).pixels);
  }
}

TEST_F(Codec, SmallFilesHoldTheSamePixels) {
  const Image image = test::formula_picture({170, 230}, 3);
  write_png(directory_ / "large.png", image);
  write_png(directory_ / "small.png", image, /*is_small=*/true);
  EXPECT_EQ(read_image(directory_ / "small.png").pixels, image.pixels);
  EXPECT_LT(std::filesystem::file_size(directory_ / "small.png"), std::filesystem::file_size(directory_ / "large.png"));
}

TEST_F(Codec, MasksBecomeVisible) {
  Mask mask(1, 3, 1);
  mask.pixels = {0, 1, 1};
  EXPECT_EQ(mask_to_grey(mask).pixels, (std::vector<std::uint8_t>{0, 255, 255}));
}

TEST_F(Codec, EveryCutPngIsRefused) {
  const std::string whole = core::read_file(golden("imaging/kind_rgb.png"));
  for (std::size_t size = 1; size < whole.size(); size += size < 40 ? 1 : 23) {
    const auto path = file_with(whole.substr(0, size));
    expect_error<core::DataError>([&] { read_image(path); }, {path.string()});
    expect_error<core::DataError>([&] { read_mask(path); }, {path.string()});
  }
  const auto path = file_with(whole.substr(0, whole.size() - 1));
  expect_error<core::DataError>([&] { read_image_size(path); }, {"truncated", path.string(), "data check"});
}

TEST_F(Codec, EveryCutJpegIsRefused) {
  for (const char* name : {"kind_rotated.jpg", "kind_progressive.jpg"}) {
    const std::string whole = core::read_file(golden(std::string("imaging/") + name));
    EXPECT_NO_THROW(read_image(file_with(whole + "trailing bytes")));
    for (std::size_t size = 1; size < whole.size() - 1; size += 31) {
      const auto path = file_with(whole.substr(0, size));
      expect_error<core::DataError>([&] { read_image(path); }, {path.string()});
    }
  }
}

TEST_F(Codec, ADamagedPngIsRefused) {
  const std::string whole = core::read_file(golden("imaging/kind_rgb.png"));
  for (const std::size_t at : {whole.size() / 2, whole.size() - 30, std::size_t{20}}) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    const auto path = file_with(damaged);
    expect_error<core::DataError>([&] { read_image(path); }, {path.string()});
  }
}

TEST_F(Codec, NoDamagedByteCrashesTheReader) {
  for (const char* name : {"kind_rgb.png", "kind_progressive.jpg"}) {
    const std::string whole = core::read_file(golden(std::string("imaging/") + name));
    const auto path = directory_ / "damaged";
    int read = 0, refused = 0;
    for (std::size_t at = 0; at < whole.size(); at += 3) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(~damaged[at]);
      std::ofstream(path, std::ios::binary) << damaged;
      try {
        const Image image = read_image(path);
        EXPECT_EQ(image.pixels.size(), static_cast<std::size_t>(image.width) * image.height * 3);
        ++read;
      } catch (const core::DataError&) {
        ++refused;
      }
    }
    EXPECT_GT(refused, 0) << name;
    // A PNG has a checksum over every chunk; in a JPEG's data a wrong bit is only a wrong colour.
    if (std::string(name) == "kind_rgb.png") {
      EXPECT_GT(refused, 10 * read);
    }
  }
}

TEST_F(Codec, NamesFilesThatAreNoPictures) {
  const auto empty = file_with("");
  expect_error<core::DataError>([&] { read_image(empty); }, {"no bytes", empty.string()});
  const auto text = file_with("this is a text, not a picture\n");
  expect_error<core::DataError>([&] { read_image(text); }, {"not a picture", text.string()});
  const auto missing = directory_ / "missing.png";
  expect_error<core::DataError>([&] { read_image(missing); }, {missing.string()});
}

}  // namespace
}  // namespace normadd::imaging
