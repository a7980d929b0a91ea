// SPDX-License-Identifier: Apache-2.0
#include "imaging/png_size.h"

#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "imaging/codec.h"
#include "support/temporary_directory.h"

namespace normadd::imaging {
namespace {

TEST(PngSize, IsThatOfTheDecodedPicture) {
  for (const char* name : {"formula_37x53.png", "kind_grey16.png", "kind_palette.png", "kind_rgba.png"}) {
    const std::filesystem::path path = std::filesystem::path(NORMADD_GOLDEN_DIR) / "imaging" / name;
    const auto size = png_size(path);
    ASSERT_TRUE(size) << name;
    EXPECT_EQ(*size, read_image(path).size()) << name;
  }
}

TEST(PngSize, OfAnythingElseIsUnknown) {
  const test::TemporaryDirectory directory;
  EXPECT_FALSE(png_size(directory / "missing.png"));
  EXPECT_FALSE(png_size(std::filesystem::path(NORMADD_GOLDEN_DIR) / "imaging/kind_progressive.jpg"));
  const std::string png = core::read_file(std::filesystem::path(NORMADD_GOLDEN_DIR) / "imaging/kind_rgb.png");
  core::write_file_atomically(directory / "short.png", png.substr(0, 23));
  EXPECT_FALSE(png_size(directory / "short.png"));
  std::string no_header = png;
  no_header[12] = 'X';
  core::write_file_atomically(directory / "other.png", no_header);
  EXPECT_FALSE(png_size(directory / "other.png"));
  std::string negative = png;
  negative[16] = '\xff';
  core::write_file_atomically(directory / "negative.png", negative);
  EXPECT_FALSE(png_size(directory / "negative.png"));
}

}  // namespace
}  // namespace normadd::imaging
