// SPDX-License-Identifier: Apache-2.0
#include "experiment/saved_maps.h"

#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "detectors/geometry_record.h"
#include "experiment/small_run.h"
#include "imaging/map_codec.h"
#include "support/expect_error.h"

namespace normadd::experiment {
namespace {

namespace fs = std::filesystem;
using test::TemporaryDirectory;

core::CsvTable without_column(core::CsvTable table, const std::string& name) {
  const auto at = static_cast<std::ptrdiff_t>(table.column(name));
  table.columns.erase(table.columns.begin() + at);
  for (auto& row : table.rows) row.erase(row.begin() + at);
  return table;
}

// Normality addition needs nothing of a detector but its maps: brought in as files they give the same numbers. The
// backbone crops, so that the maps show only the centre of each picture.
TEST(SavedMaps, GiveTheSameBeforeAndAfterAsTheDetectorThatMadeThem) {
  const TemporaryDirectory directory;
  const std::vector<std::string> cropped{"backbone.resize_mode=shorter_side", "backbone.crop_px=112",
                                         "run.panels=false", "cache.dir=" + (directory / "cache").string()};
  auto own = cropped;
  own.emplace_back("run.save_maps=true");
  const fs::path first = run_small(directory, "own", own).folder;
  const fs::path maps = first / "maps" / "patchcore";
  const imaging::Map map = imaging::read_map(maps / "carpet/test/good/000.tiff");
  EXPECT_EQ(map.size(), (imaging::Size{112, 112}));
  const auto geometry = detectors::GeometryRecord::read(maps / "geometry.json").find({128, 128});
  ASSERT_TRUE(geometry.has_value());
  EXPECT_EQ(*geometry, imaging::Geometry::shorter_side({128, 128}, 128, 112));

  const auto brought_in = [&](const std::string& run, const std::vector<std::string>& more) {
    std::vector<std::string> overrides{"dataset.root=" + (directory / "data").string(),
                                       "dataset.categories=[carpet]",
                                       "dataset.train_good=4",
                                       "dataset.test_good=3",
                                       "dataset.test_per_type=2",
                                       "detector=external",
                                       "detector.root=" + maps.string(),
                                       "run.panels=false",
                                       "cache.dir=" + (directory / "cache").string(),
                                       "run.dir=" + (directory / run).string()};
    overrides.insert(overrides.end(), more.begin(), more.end());
    return run_job(job_of(overrides), test_installation()).folder;
  };
  const fs::path second = brought_in("recorded", {});
  const auto expected = without_column(core::read_csv(first / "scores.csv"), "detector").rows;
  EXPECT_EQ(without_column(core::read_csv(second / "scores.csv"), "detector").rows, expected);
  // By hand instead of by record, the geometry leads to the same place; another one is refused, or gives other numbers.
  const fs::path third =
      brought_in("stated", {"detector.covers=crop", "detector.resize_px=128", "detector.crop_px=112"});
  EXPECT_EQ(without_column(core::read_csv(third / "scores.csv"), "detector").rows, expected);
  const fs::path fourth = brought_in("squashed", {"detector.covers=image"});
  EXPECT_NE(without_column(core::read_csv(fourth / "scores.csv"), "detector").rows, expected);
  test::expect_error<core::DataError>([&] { brought_in("wrong", {"detector.covers=crop"}); },
                                      {"maps/patchcore/carpet", "112 x 112", "224 x 224"});
}

TEST(SavedMaps, PicturesThatWouldShareAFileAreRefused) {
  const TemporaryDirectory directory;
  datasets::Category category;
  TestedImages tested;
  for (const char* id : {"carpet/test/good/000.png", "carpet/test/good/000.jpg"}) {
    category.test.push_back({id, "good", id, std::nullopt});
    tested.predictions.push_back({imaging::Map(2, 2), imaging::Geometry::squash({4, 4}, {2, 2}), 0});
  }
  test::expect_error<core::DataError>([&] { save_maps(directory / "maps", category, tested); },
                                      {"000.jpg", "share a file"});
}

}  // namespace
}  // namespace normadd::experiment
