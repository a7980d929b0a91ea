// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/file_hash_memory.h"
#include "core/hashing.h"
#include "datasets/check.h"
#include "datasets/dataset.h"
#include "datasets/layout.h"
#include "datasets/manifest.h"
#include "datasets/normality_addition.h"
#include "small_dataset.h"
#include "support/expect_error.h"

namespace normadd::datasets {
namespace {

using test::expect_error;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> ids(const std::vector<Sample>& samples) {
  std::vector<std::string> list;
  for (const auto& sample : samples) list.push_back(sample.id);
  return list;
}

TEST(ReadMvtecAd, DeliversGoodFirstThenTypesByName) {
  const SmallDataset data;
  const Dataset dataset = read_mvtec_ad(data.root, {});
  ASSERT_EQ(dataset.categories.size(), 1u);
  const Category& nut = dataset.categories[0];
  EXPECT_EQ(nut.name, "nut");
  EXPECT_THAT(ids(nut.train), ElementsAre("nut/train/good/000.png", "nut/train/good/001.png"));
  EXPECT_THAT(ids(nut.test), ElementsAre("nut/test/good/000.png", "nut/test/bent/000.png", "nut/test/bent/001.png",
                                         "nut/test/cut/000.png", "nut/test/cut/001.png"));
  EXPECT_THAT(nut.defect_types, ElementsAre("bent", "cut"));
  EXPECT_THAT(nut.missing_masks, IsEmpty());
  for (const auto& sample : nut.test) {
    EXPECT_EQ(sample.image, data.root / sample.id);
    EXPECT_EQ(sample.anomalous(), sample.defect_type != "good");
    EXPECT_EQ(sample.mask.has_value(), sample.anomalous()) << sample.id;
  }
  EXPECT_EQ(*nut.test[4].mask, data.nut / "ground_truth/cut/001_mask.png");
}

TEST(ReadMvtecAd, NotesMissingMasksAndReadsOn) {
  const SmallDataset data;
  data.remove("ground_truth/cut/001_mask.png");
  const Category nut = read_mvtec_ad(data.root, {}).categories[0];
  EXPECT_THAT(nut.missing_masks, ElementsAre("nut/test/cut/001.png"));
  EXPECT_FALSE(nut.test[4].mask.has_value());
}

TEST(ReadMvtecAd, PassesOverHiddenAndForeignFilesAndFindsEverySpelling) {
  const SmallDataset data;
  data.write("train/good/.DS_Store", "x");
  data.write("train/good/notes.txt", "x");
  data.write("train/good/002.JPG", "only read when it is used");
  EXPECT_THAT(ids(read_mvtec_ad(data.root, {}).categories[0].train),
              ElementsAre("nut/train/good/000.png", "nut/train/good/001.png", "nut/train/good/002.JPG"));
}

TEST(ReadMvtecAd, NamesWhatIsMissing) {
  const SmallDataset data;
  expect_error<core::DataError>([&] { read_mvtec_ad(data.root / "gone", {}); }, {"gone", "dataset.root"});
  expect_error<core::DataError>([&] { read_mvtec_ad(data.root, {"nutt"}); }, {"'nutt'", "nut"});
  data.remove("test");
  expect_error<core::DataError>([&] { read_mvtec_ad(data.root, {}); }, {"nut/test", "no test images"});
  data.remove("train/good");
  data.write("train/good/notes.txt", "x");
  expect_error<core::DataError>([&] { read_mvtec_ad(data.root, {}); }, {"nut/train/good", "no training images"});
}

TEST(ReadMvtecAd, TakesTheCategoriesAskedForInTheirOrder) {
  const SmallDataset data;
  for (const char* file : {"bolt/train/good/000.png", "bolt/test/good/000.png"}) write_grey_png(data.root / file, 3);
  const Dataset dataset = read_mvtec_ad(data.root, {"nut", "bolt"});
  ASSERT_EQ(dataset.categories.size(), 2u);
  EXPECT_EQ(dataset.categories[0].name, "nut");
  EXPECT_EQ(read_mvtec_ad(data.root, {}).categories[0].name, "bolt");
}

TEST(ReadMvtecAd, LinkedFilesKeepTheirNamesAndHash) {
  const SmallDataset data;
  const Dataset plain = read_mvtec_ad(data.root, {});
  // As in a download cache: the pictures lie elsewhere under names of their own.
  const test::TemporaryDirectory blobs;
  int number = 0;
  for (const auto* folder : {"train/good", "test/cut", "ground_truth/cut"}) {
    for (const char* suffix : {"000", "001"}) {
      auto file = data.nut / folder / (std::string(suffix) + ".png");
      if (!std::filesystem::exists(file)) file = data.nut / folder / (std::string(suffix) + "_mask.png");
      const auto blob = blobs / ("blob" + std::to_string(number++));
      std::filesystem::copy_file(file, blob);
      std::filesystem::remove(file);
      std::filesystem::create_symlink(blob, file);
    }
  }
  const Dataset linked = read_mvtec_ad(data.root, {});
  EXPECT_EQ(linked.content_hash, plain.content_hash);
  ASSERT_EQ(linked.categories[0].test.size(), plain.categories[0].test.size());
  for (std::size_t i = 0; i < plain.categories[0].test.size(); ++i) {
    EXPECT_EQ(linked.categories[0].test[i].id, plain.categories[0].test[i].id);
  }
  EXPECT_TRUE(check_mvtec_ad(data.root, {}).empty());
}

TEST(ReadMvtecAd, ACategoryNamedTwiceIsRefused) {
  const SmallDataset data;
  test::expect_error<core::ConfigError>([&] { read_mvtec_ad(data.root, {"nut", "nut"}); }, {"'nut'", "twice"});
}

TEST(ContentHash, ChangesWithEveryByteAndNameAndNothingElse) {
  const SmallDataset data, same;
  const std::string before = read_mvtec_ad(data.root, {}).content_hash;
  EXPECT_EQ(read_mvtec_ad(same.root, {}).content_hash, before);
  const auto mask = data.nut / "ground_truth/cut/001_mask.png";
  const std::string bytes = core::read_file(mask);
  std::string changed = bytes;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  core::write_file_atomically(mask, changed);
  EXPECT_NE(read_mvtec_ad(data.root, {}).content_hash, before);
  core::write_file_atomically(mask, bytes);
  EXPECT_EQ(read_mvtec_ad(data.root, {}).content_hash, before);
  std::filesystem::rename(data.nut / "train/good/001.png", data.nut / "train/good/002.png");
  EXPECT_NE(read_mvtec_ad(data.root, {}).content_hash, before);
}

TEST(Manifest, HasOneEntryPerFileInTheOrderGiven) {
  const SmallDataset data;
  data.write("notes.txt", "abc");
  const auto manifest = make_manifest(data.root, {"nut/notes.txt", "nut/test/good/000.png"});
  ASSERT_EQ(manifest.size(), 2u);
  EXPECT_EQ(manifest[0].path, "nut/notes.txt");
  EXPECT_EQ(manifest[0].bytes, 3u);
  EXPECT_EQ(manifest[0].xxh128, core::xxh128_hex("abc"));
  core::FileHashMemory memory("");
  const core::FileHashMemory::InUse use(memory);
  const auto again = make_manifest(data.root, {"nut/notes.txt", "nut/test/good/000.png"});
  EXPECT_EQ(content_hash(again), content_hash(manifest));
  expect_error<core::DataError>([&] { make_manifest(data.root, {"nut/notes.txt", "nut/gone"}); }, {"nut/gone"});
}

Category category_with(std::vector<std::string> types) {
  Category category;
  category.name = "nut";
  category.defect_types = std::move(types);
  return category;
}

TEST(Pairs, AreAllTypesAndFlagCombined) {
  EXPECT_THAT(pairs_of(category_with({"bent", "combined", "cut"})),
              ElementsAre(Pair{"nut", "bent", false}, Pair{"nut", "combined", true}, Pair{"nut", "cut", false}));
}

TEST(Pairs, NeedARetainedType) {
  EXPECT_THAT(pairs_of(category_with({"bent"})), IsEmpty());
  EXPECT_THAT(pairs_of(category_with({})), IsEmpty());
}

TEST(Pairs, TurnOnlyTheAddedTypeNormal) {
  const Pair pair{"nut", "bent", false};
  Sample sample;
  sample.defect_type = "good";
  EXPECT_EQ(role_of(sample, pair), Role::kGood);
  sample.defect_type = "bent";
  EXPECT_EQ(role_of(sample, pair), Role::kAdded);
  sample.defect_type = "cut";
  EXPECT_EQ(role_of(sample, pair), Role::kRetained);
  EXPECT_FALSE(is_anomalous_after(Role::kGood));
  EXPECT_FALSE(is_anomalous_after(Role::kAdded));
  EXPECT_TRUE(is_anomalous_after(Role::kRetained));
}

}  // namespace
}  // namespace normadd::datasets
