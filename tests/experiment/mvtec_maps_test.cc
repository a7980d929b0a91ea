// SPDX-License-Identifier: Apache-2.0
#include "experiment/mvtec_maps.h"

#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "detectors/geometry_record.h"
#include "imaging/codec.h"
#include "imaging/map_codec.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::experiment {
namespace {

using test::TemporaryDirectory;

/// Maps 4 x 4 of the centre of pictures; the value tells the place.
class KeptMaps {
 public:
  explicit KeptMaps(const TemporaryDirectory& directory) : directory_(directory) {
    run_.folder = directory / "run";
    run_.resolved = config::MapEntries{{"dataset", config::MapEntries{{"root", (directory / "data").string()}}}};
  }

  void add(const std::string& detector, const std::string& name, imaging::Size picture) {
    const auto maps = run_.folder / "maps" / detector;
    auto record = detectors::GeometryRecord::read_if_present(maps / "geometry.json");
    record.add(imaging::Geometry::shorter_side(picture, 8, 4));
    record.write(maps / "geometry.json");
    imaging::Map map(4, 4, 2.0F);
    map.values[5] = 9;
    map.values[15] = 1;
    imaging::write_tiff_map(maps / (name + ".tiff"), map);
    imaging::write_png(directory_ / ("data/" + name + ".png"), imaging::Image(picture.height, picture.width, 3));
  }

  const reporting::ListedRun& run() const { return run_; }

 private:
  const TemporaryDirectory& directory_;
  reporting::ListedRun run_;
};

TEST(MvtecMaps, HaveTheSizeAndTheNameOfTheirPictures) {
  const TemporaryDirectory directory;
  KeptMaps kept(directory);
  kept.add("patchcore", "carpet/test/hole/000", {16, 16});
  kept.add("patchcore", "carpet/test/good/001", {32, 48});
  const auto written = export_mvtec_maps(kept.run(), directory / "out");
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0].num_maps, 2u);
  EXPECT_EQ(written[0].folder, directory / "out");
  const imaging::Map first = imaging::read_map(directory / "out/carpet/test/hole/000.tiff");
  EXPECT_EQ(first.size(), (imaging::Size{16, 16}));
  EXPECT_EQ(imaging::read_map(directory / "out/carpet/test/good/001.tiff").size(), (imaging::Size{32, 48}));
  // The crop is [4, 12) of 16; what lies outside gets the lowest value, the hot pixel [1, 1] of 4 lies around [7, 7].
  EXPECT_EQ(first.values[0], 1);
  EXPECT_GT(first.values[6 * 16 + 6], 4);
  EXPECT_GT(first.values[7 * 16 + 7], 4);
  EXPECT_LT(first.values[9 * 16 + 9], 4);
  EXPECT_FALSE(std::filesystem::exists(directory / "out/geometry.json"));
}

TEST(MvtecMaps, PicturesAreNeededOnlyWhereTheirSizesDiffer) {
  const TemporaryDirectory directory;
  KeptMaps kept(directory);
  kept.add("a", "c/test/good/000", {16, 16});
  kept.add("b", "c/test/good/000", {16, 16});
  std::filesystem::remove_all(directory / "data");
  const auto written = export_mvtec_maps(kept.run(), directory / "out");
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(written[1].folder, directory / "out" / "b");
  kept.add("a", "c/test/good/001", {16, 20});
  std::filesystem::remove_all(directory / "data");
  test::expect_error<core::DataError>([&] { export_mvtec_maps(kept.run(), directory / "out"); },
                                      {"needed for its size", "c/test/good/000.png"});
}

TEST(MvtecMaps, WithoutMapsItSaysHowToKeepThem) {
  const TemporaryDirectory directory;
  const KeptMaps kept(directory);
  test::expect_error<core::DataError>([&] { export_mvtec_maps(kept.run(), directory / "out"); },
                                      {"no anomaly maps", "run.save_maps=true"});
  KeptMaps with(directory);
  with.add("a", "c/test/good/000", {16, 16});
  test::expect_error<core::ConfigError>([&] { export_mvtec_maps(with.run(), directory / "run/maps/a"); }, {"--out"});
}

}  // namespace
}  // namespace normadd::experiment
