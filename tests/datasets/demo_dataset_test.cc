// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/error.h"
#include "datasets/check.h"
#include "datasets/dataset.h"
#include "datasets/procedural.h"
#include "imaging/codec.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::datasets {
namespace {

DemoOptions small_demo() {
  DemoOptions options;
  options.side_px = 32;
  options.train_good = 2;
  options.test_good = 1;
  options.test_per_type = 1;
  return options;
}

TEST(DemoDataset, ReadsBackWithoutAFinding) {
  const test::TemporaryDirectory directory;
  const auto root = directory / "demo";
  ASSERT_TRUE(write_demo_dataset(root, small_demo()));
  const Dataset dataset = read_mvtec_ad(root, {});
  ASSERT_EQ(dataset.categories.size(), procedural_demo_categories().size());
  for (const auto& category : dataset.categories) {
    EXPECT_EQ(category.train.size(), 2u);
    EXPECT_EQ(category.test.size(), 1u + category.defect_types.size());
    EXPECT_EQ(category.defect_types, procedural_demo_types(category.name));
    EXPECT_TRUE(category.missing_masks.empty());
  }
  EXPECT_TRUE(check_mvtec_ad(root, {}).empty());
}

TEST(DemoDataset, HoldsThePicturesThatTheGeneratorDraws) {
  const test::TemporaryDirectory directory;
  write_demo_dataset(directory / "demo", small_demo());
  core::RandomStream random(77, "demo/carpet/test/hole/0");
  const ProceduralImage expected = draw_demo_image(77, "carpet", "hole", random, 32);
  EXPECT_EQ(imaging::read_image(directory / "demo/carpet/test/hole/000.png").pixels, expected.image.pixels);
  const auto mask = imaging::read_mask(directory / "demo/carpet/ground_truth/hole/000_mask.png");
  for (std::size_t i = 0; i < mask.pixels.size(); ++i) {
    ASSERT_EQ(mask.pixels[i] != 0, expected.defect_class.pixels[i] != 0) << i;
  }
}

TEST(DemoDataset, IsWrittenOnceAndTheSameEverywhere) {
  const test::TemporaryDirectory directory;
  EXPECT_TRUE(write_demo_dataset(directory / "a", small_demo()));
  EXPECT_FALSE(write_demo_dataset(directory / "a", small_demo()));
  EXPECT_TRUE(write_demo_dataset(directory / "b", small_demo()));
  const std::string hash = read_mvtec_ad(directory / "a", {}).content_hash;
  EXPECT_EQ(read_mvtec_ad(directory / "b", {}).content_hash, hash);
  DemoOptions other = small_demo();
  ++other.seed;
  write_demo_dataset(directory / "c", other);
  EXPECT_NE(read_mvtec_ad(directory / "c", {}).content_hash, hash);
}

TEST(DemoDataset, LeavesOtherFoldersAlone) {
  const test::TemporaryDirectory directory;
  const auto root = directory / "demo";
  write_demo_dataset(root, small_demo());
  const std::string hash = read_mvtec_ad(root, {}).content_hash;
  DemoOptions other = small_demo();
  other.train_good = 3;
  test::expect_error<core::OutputError>([&] { write_demo_dataset(root, other); }, {"demo", "not this demo"});
  EXPECT_EQ(read_mvtec_ad(root, {}).content_hash, hash);

  std::filesystem::create_directories(directory / "mine/photos");
  test::expect_error<core::OutputError>([&] { write_demo_dataset(directory / "mine", other); }, {"mine"});
  EXPECT_TRUE(std::filesystem::is_directory(directory / "mine/photos"));
}

TEST(DemoDataset, FillsAnEmptyFolderWhicheverWayItIsSpelled) {
  const test::TemporaryDirectory directory;
  std::filesystem::create_directories(directory / "empty");
  EXPECT_TRUE(write_demo_dataset(directory / "empty", small_demo()));
  EXPECT_TRUE(write_demo_dataset(directory.path().string() + "/slash/", small_demo()));
  EXPECT_FALSE(write_demo_dataset(directory / "slash", small_demo()));
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    EXPECT_EQ(entry.path().extension(), "") << "left behind: " << entry.path();
  }
}

TEST(DemoDataset, OfSeveralWritersAtOnceOneWritesAndAllAreServed) {
  const test::TemporaryDirectory directory;
  constexpr int kWriters = 4;
  std::atomic<int> num_written{0}, num_failed{0};
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&] {
      try {
        const DemoOptions small{.side_px = 32, .train_good = 1, .test_good = 1, .test_per_type = 1};
        if (write_demo_dataset(directory / "demo", small)) ++num_written;
      } catch (const core::Error&) {
        ++num_failed;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(num_failed, 0);
  EXPECT_EQ(num_written, 1);
  EXPECT_TRUE(check_mvtec_ad(directory / "demo", {}).empty());
  // Nobody leaves anything beside it.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1);
}

TEST(DemoDataset, RefusesSidesAndCountsThatMakeNoDataset) {
  const test::TemporaryDirectory directory;
  const auto refused = [&](DemoOptions options, const char* mention) {
    test::expect_error<core::ConfigError>([&] { write_demo_dataset(directory / "demo", options); }, {mention});
  };
  refused({.side_px = 31}, "side");
  refused({.side_px = 5000}, "side");
  refused({.train_good = 0}, "training images");
  refused({.test_good = -1}, "good test images");
  refused({.test_per_type = 0}, "per type");
  EXPECT_FALSE(std::filesystem::exists(directory / "demo"));
}

TEST(DemoDataset, DoesNotReplaceAFile) {
  const test::TemporaryDirectory directory;
  core::RandomStream random(1, "file");
  const auto file = directory / "file";
  imaging::write_png(file, draw_demo_image(1, "grid", "good", random, 16).image);
  std::filesystem::resize_file(file, 0);
  test::expect_error<core::OutputError>([&] { write_demo_dataset(file, small_demo()); }, {"file"});
  EXPECT_TRUE(std::filesystem::is_regular_file(file));
}

}  // namespace
}  // namespace normadd::datasets
