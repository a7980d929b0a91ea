// SPDX-License-Identifier: Apache-2.0
#include "datasets/folder_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "miniatures.h"
#include "support/expect_error.h"

namespace normadd::datasets {
namespace {

using test::expect_error;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Folder : public ::testing::Test {
 protected:
  Folder() {
    options.normal_dir = "fine";
    options.abnormal_dir = {"defects"};
    options.mask_dir = "masks";
  }
  Category read() const { return read_folder(data.root, options).categories[0]; }
  std::vector<std::string> findings() const { return lines_of(check_folder(data.root, options), data.root); }
  std::set<std::string> held_out() const {
    std::set<std::string> ids;
    for (const auto& sample : read().test) {
      if (!sample.anomalous()) ids.insert(sample.id);
    }
    return ids;
  }

  SmallFolder data;
  FolderOptions options;
};

TEST_F(Folder, SubFoldersOfAnAbnormalFolderAreTypes) {
  const Dataset dataset = read_folder(data.root, options);
  const Category& category = dataset.categories[0];
  EXPECT_EQ(category.name, "data");
  EXPECT_EQ(category.train.size(), 8u);
  EXPECT_EQ(category.test.size(), 6u);
  EXPECT_THAT(category.defect_types, ElementsAre("bent", "cut"));
  EXPECT_THAT(category.missing_masks, IsEmpty());
  EXPECT_EQ(category.test[2].id, "defects/bent/a.png");
  EXPECT_EQ(*category.test[2].mask, data.path("masks/bent/a_mask.png"));
  options.category = "bracket";
  EXPECT_EQ(read().name, "bracket");
}

TEST_F(Folder, SoAreSeveralAbnormalFolders) {
  options.abnormal_dir = {"defects/cut/", "./defects/bent"};
  const Category category = read();
  EXPECT_THAT(category.defect_types, ElementsAre("bent", "cut"));
  EXPECT_THAT(category.missing_masks, IsEmpty());
  EXPECT_EQ(category.test[2].id, "defects/bent/a.png");
  // Images of its own and sub-folders.
  data.picture("defects/c.png");
  data.picture("defects/cut/deep/er/d.png");
  options.abnormal_dir = {"defects"};
  EXPECT_THAT(read().defect_types, ElementsAre("bent", "cut", "defects"));
  EXPECT_THAT(read().missing_masks, ElementsAre("defects/cut/deep/er/d.png", "defects/c.png"));
}

TEST_F(Folder, MasksMayLieFlatOrHaveTheirImagesName) {
  data.remove("masks");
  data.picture("masks/defects/bent/a.bmp", 255);
  data.picture("masks/b.png", 255);
  options.abnormal_dir = {"defects/bent"};
  const Category category = read();
  EXPECT_FALSE(category.test[2].mask.has_value());  // masks/defects/bent is not asked for when defects/bent is a folder
  EXPECT_EQ(*category.test[3].mask, data.path("masks/b.png"));
  data.picture("masks/bent/a.bmp", 255);
  EXPECT_EQ(*read().test[2].mask, data.path("masks/bent/a.bmp"));
}

TEST_F(Folder, OneMaskForTwoImagesIsRefused) {
  data.remove("masks");
  data.picture("masks/a.png", 255);
  expect_error<core::DataError>([&] { read(); }, {"masks/a.png", "another image", "a.png"});
}

TEST_F(Folder, TheSplitFollowsSeedAndNamesOnly) {
  const auto first = held_out();
  EXPECT_EQ(first.size(), 2u);
  EXPECT_EQ(held_out(), first);
  std::set<std::set<std::string>> splits;
  for (options.split_seed = 0; options.split_seed < 20; ++options.split_seed) splits.insert(held_out());
  EXPECT_GT(splits.size(), 10u);
  options.split_seed = 0;
  for (int i = 0; i < 10; ++i) data.picture("fine/" + std::to_string(i) + ".png", 7);  // other bytes
  EXPECT_EQ(held_out(), first);
  // Elsewhere on disk.
  const std::string absolute = data.root.string();
  std::filesystem::rename(data.root, data.directory / "moved");
  data.root = data.directory / "moved";
  EXPECT_EQ(held_out(), first);
}

TEST_F(Folder, ImagesAddedLaterMoveFewOthers) {
  for (int i = 10; i < 100; ++i) data.picture("fine/" + std::to_string(i) + ".png", 7);
  const auto before = held_out();
  EXPECT_EQ(before.size(), 20u);
  data.picture("fine/new.png");
  const auto after = held_out();
  std::size_t kept = 0;
  for (const auto& id : before) kept += after.count(id);
  EXPECT_GE(kept, 19u);
}

TEST_F(Folder, TheSplitNeverTakesAllOrNothing) {
  options.normal_split_ratio = 0.999;
  EXPECT_EQ(read().train.size(), 1u);
  options.normal_split_ratio = 0.001;
  EXPECT_EQ(held_out().size(), 1u);
  const auto notes = list_folder(data.root, options, refuse()).notes;
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_THAT(notes[0], HasSubstr("1 of 10 normal images are held out for the test"));
  EXPECT_THAT(notes[0], HasSubstr("dataset.split_seed=0"));
  for (int i = 1; i < 10; ++i) data.remove("fine/" + std::to_string(i) + ".png");
  expect_error<core::DataError>([&] { read(); }, {"fine", "dataset.normal_test_dir"});
}

TEST_F(Folder, ANormalTestFolderIsTakenAsItIs) {
  data.picture("fine_test/0.png");
  data.picture("fine_test/day2/0.png");
  options.normal_test_dir = "fine_test";
  EXPECT_EQ(held_out(), (std::set<std::string>{"fine_test/0.png", "fine_test/day2/0.png"}));
  EXPECT_EQ(read().train.size(), 10u);
  EXPECT_THAT(list_folder(data.root, options, refuse()).notes, IsEmpty());
}

TEST_F(Folder, MasksBesideTheirImagesAreNoImages) {
  std::filesystem::rename(data.path("masks"), data.path("defects/masks"));
  options.mask_dir = "defects/masks";
  EXPECT_THAT(read().defect_types, ElementsAre("bent", "cut"));
  EXPECT_THAT(read().missing_masks, IsEmpty());
}

TEST_F(Folder, NamesWhatIsMissing) {
  options.normal_dir = "fien";
  expect_error<core::DataError>([&] { read(); }, {"fien", "dataset.normal_dir", "'fine'"});
  options.normal_dir = "../data";
  expect_error<core::DataError>([&] { read(); }, {"outside its root"});
  options.normal_dir = "";
  expect_error<core::DataError>([&] { read(); }, {"named before"});
  options.normal_dir = "fine";
  expect_error<core::DataError>([&] { read_folder(data.directory.path(), options); },
                                {"lies in " + data.root.string()});
  expect_error<core::DataError>([&] { read_folder(data.root / "defects", options); },
                                {"lies in " + data.root.string()});
  options.abnormal_dir = {"defects", "defects/cut"};
  expect_error<core::DataError>([&] { read(); }, {"named before"});
  options.abnormal_dir = {};
  expect_error<core::ConfigError>([&] { read(); }, {"dataset.abnormal_dir"});
  std::filesystem::create_directories(data.path("none"));
  options.abnormal_dir = {"none"};
  expect_error<core::DataError>([&] { read(); }, {"none", "no images"});
  data.picture("defects/good/a.png");
  options.abnormal_dir = {"defects"};
  expect_error<core::DataError>([&] { read(); }, {"defects/good", "dataset.normal_test_dir"});
}

TEST_F(Folder, CheckFindsWhatIsWrong) {
  EXPECT_THAT(findings(), IsEmpty());
  data.remove("masks/bent/a_mask.png");
  data.picture("masks/bent/z.png", 255);
  data.picture("masks/cut/a_mask.png", 255, {9, 6});
  data.write("defects/cut/notes.txt", "x");
  data.write("fine/3.png", "x");
  EXPECT_THAT(findings(),
              ElementsAre(HasSubstr("error defects/bent/a.png: the mask of defects/bent/a.png is missing"),
                          HasSubstr("warning defects/cut/notes.txt: unexpected file"), HasSubstr("error fine/3.png: "),
                          HasSubstr("error masks/bent/z.png: the mask has no image"),
                          HasSubstr("error masks/cut/a_mask.png: the mask is 6x9, its image 6x8")));
}

TEST_F(Folder, CheckWarnsOfJpegMasks) {
  std::filesystem::rename(data.path("masks/cut/a_mask.png"), data.path("masks/cut/a.jpg"));
  EXPECT_THAT(findings(), ElementsAre(HasSubstr("warning masks/cut/a.jpg: JPEG leaves noise")));
}

}  // namespace
}  // namespace normadd::datasets
