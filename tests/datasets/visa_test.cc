// SPDX-License-Identifier: Apache-2.0
#include "datasets/visa.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/normality_addition.h"
#include "datasets/official_counts.h"
#include "imaging/codec.h"
#include "miniatures.h"
#include "support/expect_error.h"

namespace normadd::datasets {
namespace {

using test::expect_error;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Visa : public ::testing::Test {
 protected:
  std::vector<std::string> findings(const VisaOptions& options = {}) const {
    return lines_of(check_visa(data.root, {}, options), data.root);
  }
  void expect_refusal(const std::vector<std::string>& mentions, const VisaOptions& options = {}) const {
    expect_error<core::DataError>([&] { read_visa(data.root, {}, options); }, mentions);
  }
  SmallVisa data;
};

TEST_F(Visa, FollowsItsSplitAndTakesAnnotatedTypes) {
  const Dataset dataset = read_visa(data.root, {}, {});
  ASSERT_EQ(dataset.categories.size(), 2u);
  EXPECT_EQ(dataset.categories[0].name, "candle");
  const Category& pcb = dataset.categories[1];
  EXPECT_EQ(pcb.name, "pcb1");
  EXPECT_THAT(ids_of(pcb.train), ElementsAre("pcb1/Data/Images/Normal/0000.JPG", "pcb1/Data/Images/Normal/0002.JPG"));
  EXPECT_THAT(ids_of(pcb.test), ElementsAre("pcb1/Data/Images/Normal/0001.JPG", "pcb1/Data/Images/Anomaly/000.JPG",
                                            "pcb1/Data/Images/Anomaly/001.JPG", "pcb1/Data/Images/Anomaly/002.JPG"));
  EXPECT_THAT(pcb.defect_types, ElementsAre("bent", "burnt_spot", "combined"));
  EXPECT_THAT(pcb.missing_masks, IsEmpty());
  EXPECT_EQ(*pcb.test[2].mask, data.path("pcb1/Data/Masks/Anomaly/001.png"));
  // Masks count types from 1: every value above 0 is a defect.
  EXPECT_EQ(imaging::read_mask(*pcb.test[1].mask).pixels[0], 1);
  const auto pairs = pairs_of(pcb);
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_TRUE(pairs[2].combined);
  EXPECT_FALSE(pairs[0].combined);
}

TEST_F(Visa, WithoutTypesAllDefectsAreOne) {
  data.remove("pcb1/image_anno.csv");
  expect_refusal({"pcb1/image_anno.csv", "dataset.types=single"});
  const Category pcb = read_visa(data.root, {"pcb1"}, {.types = "single"}).categories[0];
  EXPECT_THAT(pcb.defect_types, ElementsAre("anomaly"));
  EXPECT_THAT(pairs_of(pcb), IsEmpty());
}

TEST_F(Visa, OtherSplitsByNameAndByPath) {
  for (const std::string file : {"2cls_fewshot.csv", "split_csv/2cls_fewshot.csv"}) {
    const Dataset dataset = read_visa(data.root, {}, {.split_file = file});
    ASSERT_EQ(dataset.categories.size(), 1u);
    // The anomalous training image of a two-class split is nothing to train a detector on.
    EXPECT_THAT(ids_of(dataset.categories[0].train), ElementsAre("pcb1/Data/Images/Normal/0000.JPG"));
    EXPECT_EQ(dataset.categories[0].test.size(), 2u);
  }
  const Listing listing = list_visa(data.root, {}, {.split_file = "2cls_fewshot.csv"}, refuse());
  ASSERT_EQ(listing.notes.size(), 1u);
  EXPECT_THAT(listing.notes[0], HasSubstr("1 anomalous training images are not used"));
  expect_refusal({"3cls.csv", "1cls.csv, 2cls_fewshot.csv"}, {.split_file = "3cls.csv"});
}

TEST_F(Visa, TheHashKnowsFilesSplitsAndTypes) {
  const std::string before = read_visa(data.root, {}, {}).content_hash;
  EXPECT_EQ(read_visa(SmallVisa().root, {}, {}).content_hash, before);
  EXPECT_NE(read_visa(data.root, {}, {.types = "single"}).content_hash, before);
  data.edit("pcb1/image_anno.csv", "Burnt Spot", "scratch");
  const std::string other_type = read_visa(data.root, {}, {}).content_hash;
  EXPECT_NE(other_type, before);
  data.edit("split_csv/1cls.csv", "pcb1,test,normal", "pcb1,train,normal");
  data.edit("split_csv/1cls.csv", "pcb1,train,normal", "pcb1,test,normal");
  EXPECT_NE(read_visa(data.root, {}, {}).content_hash, other_type);
}

TEST_F(Visa, NamesTheRowThatCannotBeUsed) {
  data.edit("split_csv/1cls.csv", "candle,test,normal", "candle,val,normal");
  expect_refusal({"1cls.csv:4", "'val'", "train or test"});
  data.edit("split_csv/1cls.csv", "candle,val,normal", "candle,test,fine");
  expect_refusal({"1cls.csv:4", "'fine'", "normal or anomaly"});
  data.edit("split_csv/1cls.csv", "candle,test,fine", "candle,test,normal");
  data.edit("split_csv/1cls.csv", "candle/Data/Images/Anomaly/000.JPG", "../x.JPG");
  expect_refusal({"1cls.csv:5", "outside"});
  data.edit("split_csv/1cls.csv", "../x.JPG", "candle/Data/Images/Anomaly/001.JPG");
  expect_refusal({"1cls.csv:6", "named before", "1cls.csv:5"});
}

TEST_F(Visa, NamesAnAnnotationThatContradictsTheSplit) {
  data.edit("pcb1/image_anno.csv", "Burnt Spot", "normal");
  expect_refusal({"pcb1/image_anno.csv:6", "'normal'", "pcb1/Data/Images/Anomaly/001.JPG"});
  data.edit("pcb1/image_anno.csv", "pcb1/Data/Images/Anomaly/001.JPG", "elsewhere.JPG");
  expect_refusal({"pcb1/image_anno.csv", "pcb1/Data/Images/Anomaly/001.JPG", "no line"});
}

TEST_F(Visa, NamesWhatIsMissing) {
  data.remove("candle");
  expect_refusal({"candle", "folder is missing", "dataset.categories=[pcb1]"});
  EXPECT_EQ(read_visa(data.root, {"pcb1"}, {}).categories.size(), 1u);
  expect_error<core::DataError>([&] { read_visa(data.root, {"pcb2"}, {}); }, {"'pcb2'", "pcb1"});
  data.edit("split_csv/1cls.csv", "object,", "category,");
  expect_refusal({"1cls.csv:1", "'object'"});
  data.remove("split_csv");
  expect_refusal({"split_csv/1cls.csv", "dataset.split_file"});
}

TEST_F(Visa, CheckFindsNothingInAFaultlessDataset) {
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_THAT(findings({.types = "single"}), ElementsAre(HasSubstr("(candle): there is a single defect type"),
                                                         HasSubstr("(pcb1): there is a single defect type")));
}

TEST_F(Visa, CheckNamesEveryProblemAtOnce) {
  data.remove("candle/Data/Images/Anomaly/000.JPG");
  data.remove("candle/Data/Masks/Anomaly/001.png");
  data.picture("pcb1/Data/Masks/Anomaly/000.png", 255, {9, 6});
  data.write("pcb1/Data/Images/Normal/0000.JPG", "text");
  data.picture("pcb1/Data/Images/Normal/0009.JPG");
  data.picture("pcb1/Data/Masks/Anomaly/009.png");
  data.write("pcb1/Data/Images/Normal/notes.txt", "text");
  data.write("pcb1/Data/more/notes.txt", "text");
  EXPECT_THAT(
      findings(),
      ElementsAre(HasSubstr("error pcb1/Data/Images/Normal/0000.JPG: "),
                  HasSubstr("warning pcb1/Data/Images/Normal/0009.JPG: the image is not in the split file"),
                  HasSubstr("warning pcb1/Data/Images/Normal/notes.txt: unexpected file"),
                  HasSubstr("error pcb1/Data/Masks/Anomaly/000.png: the mask is 6x9, its image 6x8"),
                  HasSubstr("error pcb1/Data/Masks/Anomaly/009.png: the mask has no image"),
                  HasSubstr("warning pcb1/Data/more: unexpected folder"),
                  HasSubstr("error split_csv/1cls.csv:5: there is no file 'candle/Data/Images/Anomaly/000.JPG'"),
                  HasSubstr("error split_csv/1cls.csv:6: there is no file 'candle/Data/Masks/Anomaly/001.png'")));
}

TEST(VisaCounts, AreThoseOfTheRepository) {
  int normal = 0, anomalous = 0;
  for (const auto& [category, counts] : official_visa_counts()) {
    normal += counts.normal;
    anomalous += counts.anomalous;
  }
  EXPECT_EQ(official_visa_counts().size(), 12u);
  EXPECT_EQ(normal, 9621);
  EXPECT_EQ(anomalous, 1200);
}

TEST(VisaCounts, AreComparedWhenAllCategoriesAreThere) {
  const Miniature data;
  std::string split = "object,split,label,image,mask\n";
  for (const auto& [name, unused] : official_visa_counts()) {
    for (const char* image : {"Normal/0.JPG", "Normal/1.JPG", "Anomaly/2.JPG"}) {
      data.picture(name + "/Data/Images/" + image);
    }
    data.picture(name + "/Data/Masks/Anomaly/2.png", 1);
    split += name + ",train,normal," + name + "/Data/Images/Normal/0.JPG,\n" + name + ",test,normal," + name +
             "/Data/Images/Normal/1.JPG,\n" + name + ",test,anomaly," + name + "/Data/Images/Anomaly/2.JPG," + name +
             "/Data/Masks/Anomaly/2.png\n";
  }
  data.write("split_csv/1cls.csv", split);
  const VisaOptions options{.types = "single"};
  const auto lines = lines_of(check_visa(data.root, {}, options), data.root);
  EXPECT_THAT(lines, ::testing::Contains("warning pcb3/Data/Images/Normal: 2 images, the official release has 1006"));
  EXPECT_THAT(lines, ::testing::Contains("warning pcb3/Data/Images/Anomaly: 1 images, the official release has 100"));
  EXPECT_EQ(check_visa(data.root, {"pcb3"}, options).size(), 1u);
}

}  // namespace
}  // namespace normadd::datasets
