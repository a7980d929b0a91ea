// SPDX-License-Identifier: Apache-2.0
#include "datasets/csv_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "miniatures.h"
#include "support/expect_error.h"

namespace normadd::datasets {
namespace {

using test::expect_error;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Csv : public ::testing::Test {
 protected:
  std::vector<std::string> findings() const { return lines_of(check_csv(data.root, {}, {}), data.root); }
  /// With one row changed.
  void expect_refusal(const std::string& old_text, const std::string& new_text,
                      const std::vector<std::string>& mentions) const {
    const std::string whole = core::read_file(data.path("manifest.csv"));
    data.edit("manifest.csv", old_text, new_text);
    expect_error<core::DataError>([&] { read_csv_dataset(data.root, {}, {}); }, mentions);
    data.write("manifest.csv", whole);
  }
  SmallCsv data;
};

TEST_F(Csv, DeliversWhatTheManifestSays) {
  const Dataset dataset = read_csv_dataset(data.root, {}, {});
  ASSERT_EQ(dataset.categories.size(), 2u);
  EXPECT_EQ(dataset.categories[0].name, "bolt");
  const Category& nut = dataset.categories[1];
  EXPECT_THAT(ids_of(nut.train), ElementsAre("pictures/nut1.png", "pictures/nut2.png"));
  EXPECT_THAT(ids_of(nut.test), ElementsAre("pictures/nut3.png", "pictures/nut4.png", "pictures/nut5.png"));
  EXPECT_THAT(nut.defect_types, ElementsAre("bent", "cut"));
  EXPECT_EQ(*nut.test[1].mask, data.path("masks/nut4.png"));
  EXPECT_EQ(nut.test[1].image, data.path("pictures/nut4.png"));
  EXPECT_EQ(read_csv_dataset(data.root, {"nut", "bolt"}, {}).categories[1].name, "bolt");
  expect_error<core::DataError>([&] { read_csv_dataset(data.root, {"nutt"}, {}); }, {"'nutt'", "'nut'"});
}

TEST_F(Csv, TheManifestMayLieElsewhereAndHaveFurtherColumns) {
  data.edit("manifest.csv", "mask\n", "mask,camera\n");
  std::string text = core::read_file(data.path("manifest.csv"));
  std::string wider;
  for (std::size_t begin = 0, line = 0; begin < text.size(); ++line) {
    const auto end = text.find('\n', begin);
    wider += text.substr(begin, end - begin) + (line == 0 ? "\n" : ",left\n");
    begin = end + 1;
  }
  const auto elsewhere = data.directory / "lists/mine.csv";
  std::filesystem::create_directories(elsewhere.parent_path());
  core::write_file_atomically(elsewhere, wider);
  const CsvOptions options{.manifest = elsewhere.string()};
  EXPECT_EQ(read_csv_dataset(data.root, {}, options).categories.size(), 2u);
  const auto listing = list_csv(data.root, {}, options, refuse());
  ASSERT_EQ(listing.warnings.size(), 1u);
  EXPECT_EQ(listing.warnings[0].first, elsewhere.string() + ":1");
  EXPECT_THAT(listing.warnings[0].second, HasSubstr("camera"));
}

TEST_F(Csv, TheHashKnowsFilesAndLabelsAndNotTheOrderOfRows) {
  const std::string before = read_csv_dataset(data.root, {}, {}).content_hash;
  const std::string first = "pictures/nut5.png,nut,test,cut,masks/nut5.png\n";
  data.edit("manifest.csv", first, "");
  EXPECT_NE(read_csv_dataset(data.root, {}, {}).content_hash, before);
  data.write("manifest.csv", core::read_file(data.path("manifest.csv")) + first);
  EXPECT_EQ(read_csv_dataset(data.root, {}, {}).content_hash, before);
  data.edit("manifest.csv", "nut,test,cut", "nut,test,dent");
  EXPECT_NE(read_csv_dataset(data.root, {}, {}).content_hash, before);
}

TEST_F(Csv, SeveralDefectsAreACombinedType) {
  data.edit("manifest.csv", "nut,test,cut", "nut,test,\"bent, cut\"");
  EXPECT_THAT(read_csv_dataset(data.root, {}, {}).categories[1].defect_types, ElementsAre("bent", "combined"));
}

TEST_F(Csv, EveryRefusalNamesTheLine) {
  expect_refusal("nut,test,cut", "nut,tst,cut", {"manifest.csv:2", "'tst'", "train or test"});
  expect_refusal("nut,test,cut", "n/ut,test,cut", {"manifest.csv:2", "'n/ut'", "category"});
  expect_refusal("nut,test,cut", "nut,test,a/b", {"manifest.csv:2", "'a/b'"});
  expect_refusal("nut,test,cut", "nut,test,\"good,cut\"", {"manifest.csv:2", "good,cut"});
  expect_refusal("nut,test,cut", "nut,train,cut", {"manifest.csv:2", "'cut'", "split=test"});
  expect_refusal("nut,test,cut", "nut,test,Normal", {"manifest.csv:2", "'Normal'", "good"});
  expect_refusal("nut,test,cut", "nut,test,good", {"manifest.csv:2", "normal image has a mask"});
  expect_refusal("pictures/nut4.png", "pictures/nut9.png", {"manifest.csv:3", "'pictures/nut9.png'"});
  expect_refusal("pictures/nut4.png", "pictures/nut5.png", {"manifest.csv:3", "named before", "manifest.csv:2"});
  expect_refusal("pictures/nut4.png", "pictures/../pictures/nut5.png", {"manifest.csv:3", "named before"});
  expect_refusal("pictures/nut4.png", "pictures\\nut4.png", {"manifest.csv:3", "backslash"});
  expect_refusal("pictures/nut4.png", "", {"manifest.csv:3", "no image is named"});
  expect_refusal("masks/nut4.png", "masks/nut9.png", {"manifest.csv:3", "'masks/nut9.png'"});
  expect_refusal("masks/nut4.png", "masks/nut5.png", {"manifest.csv:3", "another image", "manifest.csv:2"});
  expect_refusal("pictures/nut4.png", "manifest.csv", {"manifest.csv:3", "no picture"});
  expect_refusal("nut,test,cut,", "nut,test,", {"manifest.csv:2", "4 fields"});
  expect_refusal("image,category", "file,category", {"manifest.csv:1", "'image'", "image,category,split,type,mask"});
  data.write("manifest.csv", "image;category;split;type;mask\na;b;train;;\n");
  expect_error<core::DataError>([&] { read_csv_dataset(data.root, {}, {}); }, {"manifest.csv:1", "with commas"});
}

TEST_F(Csv, PathsStayBelowTheRoot) {
  write_grey_png(data.directory / "outside.png", 1);
  expect_refusal("pictures/nut4.png", "../outside.png", {"manifest.csv:3", "outside its root"});
  expect_refusal("pictures/nut4.png", (data.directory / "outside.png").string(), {"manifest.csv:3", "outside"});
  expect_refusal("pictures/nut4.png", "pictures/../../outside.png", {"manifest.csv:3", "outside its root"});
  expect_refusal("pictures/nut4.png", "..", {"manifest.csv:3", "outside its root"});
  expect_refusal("pictures/nut4.png", ".", {"manifest.csv:3"});
  std::filesystem::create_directory_symlink(data.directory.path(), data.path("away"));
  expect_refusal("pictures/nut4.png", "away/outside.png", {"manifest.csv:3", "outside its root"});
  std::filesystem::create_directory_symlink("round", data.path("round"));
  expect_refusal("pictures/nut4.png", "round/x.png", {"manifest.csv:3"});
  expect_refusal("pictures/nut4.png", std::string(5000, 'x') + ".png", {"manifest.csv:3"});
  // A download cache keeps its files elsewhere and links each one.
  std::filesystem::remove(data.path("pictures/nut4.png"));
  std::filesystem::create_symlink(data.directory / "outside.png", data.path("pictures/nut4.png"));
  EXPECT_EQ(read_csv_dataset(data.root, {}, {}).categories[1].test[1].id, "pictures/nut4.png");
}

TEST_F(Csv, NamesWhatIsMissing) {
  const CsvOptions other{.manifest = "other.csv"};
  expect_error<core::DataError>([&] { read_csv_dataset(data.root, {}, other); }, {"other.csv", "dataset.manifest"});
  expect_error<core::DataError>([&] { read_csv_dataset(data.root / "pictures", {}, {}); },
                                {"manifest.csv", "lies in " + data.root.string()});
  expect_error<core::DataError>([&] { read_csv_dataset(data.directory.path(), {}, {}); },
                                {"lies in " + data.root.string()});
  expect_error<core::DataError>([&] { read_csv_dataset(data.root / "manifest.csv", {}, {}); },
                                {"not a folder", "dataset.root=" + data.root.string()});
  data.edit("manifest.csv", "pictures/bolt3.png,bolt,test,good,\n", "");
  data.edit("manifest.csv", "pictures/bolt4.png,bolt,test,bent,masks/bolt4.png\n", "");
  data.edit("manifest.csv", "pictures/bolt5.png,bolt,test,cut,masks/bolt5.png\n", "");
  expect_error<core::DataError>([&] { read_csv_dataset(data.root, {}, {}); }, {"'bolt'", "no test images"});
  data.write("manifest.csv", "image,category,split,type,mask\n");
  expect_error<core::DataError>([&] { read_csv_dataset(data.root, {}, {}); }, {"no rows"});
}

TEST_F(Csv, CheckFindsNothingInAFaultlessDataset) { EXPECT_THAT(findings(), IsEmpty()); }

TEST_F(Csv, CheckNamesEveryProblemAtOnce) {
  data.edit("manifest.csv", "image,category,split,type,mask\n", "image,category,split,type,mask\n\n");
  data.edit("manifest.csv", "nut,test,cut", "nut,tst,cut");
  data.edit("manifest.csv", "masks/nut4.png", "masks/nut9.png");
  data.edit("manifest.csv", "masks/bolt4.png", "");
  data.picture("pictures/new.png");
  data.picture("pictures/bolt1.png", 90, {9, 6});
  data.write("pictures/nut1.png", "");
  EXPECT_THAT(findings(),
              ElementsAre(HasSubstr("warning manifest.csv (nut): there is a single defect type"),
                          HasSubstr("error manifest.csv:3: the split is 'tst'"),
                          HasSubstr("error manifest.csv:4: there is no file 'masks/nut9.png'"),
                          HasSubstr("error manifest.csv:9: the mask of pictures/bolt4.png is missing"),
                          HasSubstr("warning masks/bolt4.png: the manifest does not name the picture"),
                          HasSubstr("warning masks/nut4.png: the manifest does not name the picture"),
                          HasSubstr("warning pictures/bolt1.png: the image is 6x9, the category's first 6x8"),
                          HasSubstr("warning pictures/new.png: the manifest does not name the picture"),
                          HasSubstr("error pictures/nut1.png: ")));
}

TEST_F(Csv, HavingNoMasksAtAllIsNoMistake) {
  for (const char* mask : {"masks/nut4.png", "masks/nut5.png"}) data.edit("manifest.csv", mask, "");
  EXPECT_THAT(read_csv_dataset(data.root, {"nut"}, {}).categories[0].missing_masks,
              ElementsAre("pictures/nut4.png", "pictures/nut5.png"));
  data.remove("masks/nut4.png");
  data.remove("masks/nut5.png");
  EXPECT_THAT(findings(), ElementsAre(HasSubstr("warning manifest.csv (nut): no image with defects has a mask")));
}

}  // namespace
}  // namespace normadd::datasets
