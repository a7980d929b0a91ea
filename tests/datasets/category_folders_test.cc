// SPDX-License-Identifier: Apache-2.0
#include "datasets/category_folders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "datasets/layout.h"
#include "datasets/normality_addition.h"
#include "imaging/codec.h"
#include "miniatures.h"
#include "support/expect_error.h"

namespace normadd::datasets {
namespace {

using test::expect_error;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Btad, OkIsGoodAndKoTheOnlyType) {
  const SmallBtad data;
  const Dataset dataset = read_btad(data.root, {});
  ASSERT_EQ(dataset.categories.size(), 2u);
  for (const auto& category : dataset.categories) {
    EXPECT_THAT(ids_of(category.train),
                ElementsAre(category.name + "/train/ok/0000.bmp", category.name + "/train/ok/0001.bmp"));
    EXPECT_THAT(ids_of(category.test),
                ElementsAre(category.name + "/test/ok/0002.bmp", category.name + "/test/ko/0000.bmp"));
    EXPECT_EQ(category.train[0].defect_type, "good");
    EXPECT_EQ(category.test[0].defect_type, "good");
    EXPECT_THAT(category.defect_types, ElementsAre("ko"));
    EXPECT_THAT(category.missing_masks, IsEmpty());
    EXPECT_THAT(pairs_of(category), IsEmpty());
    EXPECT_EQ(imaging::read_image(category.test[1].image).size(), (imaging::Size{8, 6}));
  }
  EXPECT_EQ(*dataset.categories[0].test[1].mask, data.path("01/ground_truth/ko/0000.png"));
  EXPECT_EQ(*dataset.categories[1].test[1].mask, data.path("03/ground_truth/ko/0000.bmp"));
  EXPECT_EQ(imaging::read_mask(*dataset.categories[1].test[1].mask).pixels[0], 1);
}

TEST(Btad, CheckKnowsItsNames) {
  const SmallBtad data;
  const auto findings = [&] { return lines_of(check_btad(data.root, {}), data.root); };
  const std::string single = ": there is a single defect type, so normality addition has no pair here";
  EXPECT_THAT(findings(), ElementsAre("warning 01/test" + single, "warning 03/test" + single));
  data.remove("01/ground_truth/ko/0000.png");
  EXPECT_THAT(findings(), Contains("error 01/ground_truth/ko/0000.png: the mask of 01/test/ko/0000.bmp is missing"));
  data.picture("03/ground_truth/ko/0000.png", 255);
  EXPECT_THAT(findings(), Contains("error 03/ground_truth/ko/0000.bmp: the mask has no image"));
  data.remove("03/train/ok");
  EXPECT_THAT(findings(), Contains("error 03/train/ok: there are no training images"));
  for (const char* image : {"02/train/ok/0.png", "02/test/ok/0.png", "02/test/ko/0.png"}) data.picture(image);
  EXPECT_THAT(findings(), Contains("warning .: 9 images in all, the official release has 2540"));
}

TEST(Btad, RefusesOtherCategories) {
  const SmallBtad data;
  data.picture("04/train/ok/0.png");
  expect_error<core::DataError>([&] { read_btad(data.root, {}); }, {"'04'", "btad", "01, 02, 03"});
}

TEST(Mpdd, IsMvtecAdWithItsOwnCategories) {
  const SmallDataset data;
  expect_error<core::DataError>([&] { read_mpdd(data.root, {}); }, {"'nut'", "bracket_black", "dataset=mvtec_ad"});
  std::filesystem::rename(data.nut, data.root / "tubes");
  const Dataset dataset = read_mpdd(data.root, {});
  EXPECT_EQ(dataset.name, "mpdd");
  ASSERT_EQ(dataset.categories.size(), 1u);
  EXPECT_EQ(dataset.categories[0].name, "tubes");
  EXPECT_THAT(dataset.categories[0].defect_types, ElementsAre("bent", "cut"));
  EXPECT_EQ(*dataset.categories[0].test[1].mask, data.root / "tubes/ground_truth/bent/000_mask.png");
  EXPECT_EQ(dataset.content_hash, read_mvtec_ad(data.root, {}).content_hash);
  EXPECT_THAT(check_mpdd(data.root, {}), IsEmpty());
}

TEST(Mpdd, CountsImagesWhenAllCategoriesAreThere) {
  const SmallDataset data;
  std::filesystem::rename(data.nut, data.root / "tubes");
  for (const auto& name : mpdd_folders().categories) {
    if (name != "tubes")
      std::filesystem::copy(data.root / "tubes", data.root / name, std::filesystem::copy_options::recursive);
  }
  EXPECT_THAT(lines_of(check_mpdd(data.root, {}), data.root),
              ElementsAre("warning .: 42 images in all, the official release has 1346"));
  EXPECT_THAT(check_mpdd(data.root, {"tubes", "connector"}), IsEmpty());
}

TEST(MvtecAd, TakesMasksNamedLikeTheirImages) {
  // As conversions of VisA and others write them.
  const SmallDataset data;
  std::filesystem::rename(data.nut / "ground_truth/cut/001_mask.png", data.nut / "ground_truth/cut/001.png");
  const Category nut = read_mvtec_ad(data.root, {}).categories[0];
  EXPECT_EQ(*nut.test[4].mask, data.nut / "ground_truth/cut/001.png");
  EXPECT_THAT(check_mvtec_ad(data.root, {}), IsEmpty());
}

}  // namespace
}  // namespace normadd::datasets
