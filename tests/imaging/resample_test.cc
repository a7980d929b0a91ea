// SPDX-License-Identifier: Apache-2.0
// Resampling against Pillow and torch (tests/golden/imaging/make_imaging_goldens.py).
#include "imaging/resample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/csv.h"
#include "core/error.h"
#include "core/hashing.h"
#include "formula_picture.h"
#include "golden_reader.h"
#include "imaging/codec.h"
#include "support/expect_error.h"

namespace normadd::imaging {
namespace {

std::string sha256_of(const Image& image) {
  return core::sha256_hex({reinterpret_cast<const char*>(image.pixels.data()), image.pixels.size()});
}

TEST(Resample, HasPillowsBytesUpAndDownInGreyAndColour) {
  const core::CsvTable table = core::read_csv(test::golden("imaging/resampling.csv"));
  ASSERT_EQ(table.rows.size(), 120u);
  for (const auto& row : table.rows) {
    const Image in = test::formula_picture({std::stoi(row[0]), std::stoi(row[1])}, std::stoi(row[2]));
    const Image out = resize(in, {std::stoi(row[3]), std::stoi(row[4])}, parse_filter(row[5]));
    EXPECT_EQ(sha256_of(out), row[6]) << row[0] << "x" << row[1] << "x" << row[2] << " to " << row[3] << "x" << row[4]
                                      << " " << row[5];
  }
}

TEST(Resample, HasPillowsPixels) {
  const Image in = read_image(test::golden("imaging/formula_37x53.png"));
  EXPECT_EQ(in.pixels, test::formula_picture({37, 53}, 3).pixels);
  for (const std::string name : {"bilinear", "bicubic", "lanczos"}) {
    const Image expected = read_image(test::golden("imaging/formula_37x53_" + name + "_24x40.png"));
    const Image out = resize(in, {24, 40}, parse_filter(name));
    ASSERT_EQ(out.size(), expected.size());
    int largest = 0;
    for (std::size_t i = 0; i < out.pixels.size(); ++i) {
      largest = std::max(largest, std::abs(out.pixels[i] - expected.pixels[i]));
    }
    EXPECT_EQ(largest, 0) << name;
  }
}

TEST(Resample, KeepsAnEvenColour) {
  Image in(13, 29, 3);
  for (std::size_t i = 0; i < in.pixels.size(); ++i) in.pixels[i] = static_cast<std::uint8_t>(40 + 80 * (i % 3));
  for (const Filter filter : {Filter::kNearest, Filter::kBilinear, Filter::kBicubic, Filter::kLanczos}) {
    const Image out = resize(in, {31, 7}, filter);
    for (std::size_t i = 0; i < out.pixels.size(); ++i) ASSERT_EQ(out.pixels[i], 40 + 80 * (i % 3));
  }
}

TEST(Resample, MapsAreTorchsBilinear) {
  test::GoldenReader reader("bilinear_maps.bin");
  int cases = 0;
  for (; reader.has_more(); ++cases) {
    const int height = reader.next<std::int32_t>();
    const int width = reader.next<std::int32_t>();
    const Map expected = reader.next_map();
    const Map out = resize_bilinear(test::formula_map({height, width}), expected.size());
    EXPECT_LE(test::largest_difference(out, expected), 2e-6) << height << "x" << width;
  }
  EXPECT_EQ(cases, 5);
}

TEST(Resample, NamesTheNearestFilter) {
  test::expect_error<core::ConfigError>([] { parse_filter("bilinaer"); }, {"bilinaer", "'bilinear'"});
}

}  // namespace
}  // namespace normadd::imaging
