// SPDX-License-Identifier: Apache-2.0
// The stand-in for other tools: its maps lie where they are looked for, and tell defects from good pictures.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "datasets/dataset.h"
#include "datasets/procedural.h"
#include "experiment/map_files.h"
#include "imaging/map_codec.h"
#include "metrics/roc.h"
#include "support/temporary_directory.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;

int run(const fs::path& data, const fs::path& maps) {
  const std::string command =
      std::string(COLOUR_DEVIATION_MAPS) + " '" + data.string() + "' '" + maps.string() + "' >/dev/null 2>&1";
  return WEXITSTATUS(std::system(command.c_str()));
}

TEST(ColourDeviationMaps, TellDefectsFromGoodPictures) {
  const test::TemporaryDirectory directory;
  datasets::DemoOptions demo;
  demo.train_good = 8;
  demo.test_good = 6;
  demo.test_per_type = 3;
  datasets::write_demo_dataset(directory / "data", demo);
  ASSERT_EQ(run(directory / "data", directory / "maps"), 0);
  const auto dataset = datasets::read_mvtec_ad(directory / "data", {"carpet", "grid", "marble"});
  for (const auto& category : dataset.categories) {
    std::vector<double> scores;
    std::vector<std::uint8_t> labels;
    const auto files = experiment::find_map_files(directory / "maps", category.test, "test");
    for (const auto& sample : category.test) {
      const imaging::Map map = imaging::read_map(files.at(sample.id));
      EXPECT_EQ(map.size(), (imaging::Size{128, 128}));
      imaging::require_non_negative(map, files.at(sample.id));
      scores.push_back(*std::max_element(map.values.begin(), map.values.end()));
      labels.push_back(sample.anomalous() ? 1 : 0);
    }
    EXPECT_GT(metrics::image_auroc(scores, labels), 0.9) << category.name;
  }
}

TEST(ColourDeviationMaps, RefuseWhatIsNoDataset) {
  const test::TemporaryDirectory directory;
  EXPECT_EQ(run(directory / "absent", directory / "maps"), 2);
  EXPECT_EQ(run(directory.path(), directory / "maps"), 2);
  EXPECT_FALSE(fs::exists(directory / "maps"));
}

}  // namespace
}  // namespace normadd::tools
