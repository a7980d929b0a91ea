// SPDX-License-Identifier: Apache-2.0
#include "datasets/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "datasets/official_counts.h"
#include "small_dataset.h"
#include "support/expect_error.h"

namespace normadd::datasets {
namespace {

using ::testing::HasSubstr;

class CheckMvtecAd : public ::testing::Test {
 protected:
  std::vector<Finding> findings() const { return check_mvtec_ad(data.root, {}); }

  /// Exactly one finding, about this path of the category.
  void expect_only(Severity severity, const std::string& in_nut, const std::string& message) const {
    const auto found = findings();
    ASSERT_EQ(found.size(), 1u) << ::testing::PrintToString(texts(found));
    EXPECT_EQ(found[0].severity, severity);
    EXPECT_EQ(found[0].path, (data.nut / in_nut).string());
    EXPECT_THAT(found[0].message, HasSubstr(message));
  }

  /// Among others.
  void expect_among(Severity severity, const std::string& in_nut, const std::string& message) const {
    for (const auto& finding : findings()) {
      if (finding.severity == severity && finding.path == (data.nut / in_nut).string() &&
          finding.message.find(message) != std::string::npos)
        return;
    }
    ADD_FAILURE() << in_nut << ": " << message << " not in " << ::testing::PrintToString(texts(findings()));
  }

  static std::vector<std::string> texts(const std::vector<Finding>& found) {
    std::vector<std::string> lines;
    for (const auto& finding : found) lines.push_back(finding.path + ": " + finding.message);
    return lines;
  }

  SmallDataset data;
};

TEST_F(CheckMvtecAd, FindsNothingInAFaultlessDataset) { EXPECT_EQ(texts(findings()), std::vector<std::string>{}); }

TEST_F(CheckMvtecAd, NamesAMissingMaskAndItsImage) {
  data.remove("ground_truth/cut/001_mask.png");
  expect_only(Severity::kError, "ground_truth/cut/001_mask.png", "nut/test/cut/001.png");
}

TEST_F(CheckMvtecAd, NamesAMaskWithoutImage) {
  data.remove("test/cut/001.png");
  expect_only(Severity::kError, "ground_truth/cut/001_mask.png", "no image");
}

TEST_F(CheckMvtecAd, AFileThatIsNoPictureDoesNotJustifyAMask) {
  data.remove("test/cut/001.png");
  data.write("test/cut/001.txt", "notes");
  expect_among(Severity::kError, "ground_truth/cut/001_mask.png", "no image");
  expect_among(Severity::kWarning, "test/cut/001.txt", "unexpected file");
}

TEST_F(CheckMvtecAd, NamesTruncatedEmptyAndForeignFiles) {
  const std::string png = core::read_file(data.nut / "test/cut/000.png");
  data.write("test/cut/000.png", png.substr(0, png.size() / 2));
  expect_only(Severity::kError, "test/cut/000.png", "");
  data.write("test/cut/000.png", "");
  expect_only(Severity::kError, "test/cut/000.png", "");
  data.write("test/cut/000.png", "this is text");
  expect_only(Severity::kError, "test/cut/000.png", "");
  data.write("test/cut/000.png", png);
  data.write("ground_truth/cut/000_mask.png", "");
  expect_only(Severity::kError, "ground_truth/cut/000_mask.png", "");
}

TEST_F(CheckMvtecAd, NamesAMaskOfAnotherSizeThanItsImage) {
  write_grey_png(data.nut / "ground_truth/bent/000_mask.png", 255, {8, 7});
  expect_only(Severity::kError, "ground_truth/bent/000_mask.png", "the mask is 7x8, its image 6x8");
}

TEST_F(CheckMvtecAd, WarnsOfAnImageOfAnotherSizeThanTheFirst) {
  write_grey_png(data.nut / "train/good/001.png", 90, {9, 6});
  expect_only(Severity::kWarning, "train/good/001.png", "6x9");
}

TEST_F(CheckMvtecAd, WarnsOfUnexpectedFilesAndFolders) {
  data.write("test/cut/readme.txt", "notes");
  expect_only(Severity::kWarning, "test/cut/readme.txt", "unexpected file");
  data.remove("test/cut/readme.txt");
  for (const char* folder : {"extra", "train/bad", "test/cut/more"}) {
    std::filesystem::create_directories(data.nut / folder);
    expect_only(Severity::kWarning, folder, "unexpected folder");
    data.remove(folder);
  }
}

TEST_F(CheckMvtecAd, NamesEmptySplits) {
  data.remove("train/good/000.png");
  data.remove("train/good/001.png");
  expect_only(Severity::kError, "train/good", "no training images");
}

TEST_F(CheckMvtecAd, AFolderOfNotesIsAnEmptySplit) {
  data.remove("train/good");
  data.write("train/good/notes.txt", "nothing here");
  expect_among(Severity::kError, "train/good", "no training images");
  data.write("test/dull/notes.txt", "nothing here");
  expect_among(Severity::kError, "test/dull", "no images");
}

TEST_F(CheckMvtecAd, NamesMissingFolders) {
  data.remove("train");
  expect_among(Severity::kError, "train", "missing");
  data.remove("ground_truth");
  expect_among(Severity::kError, "ground_truth", "missing");
}

TEST_F(CheckMvtecAd, WarnsOfASingleTypeAndRefusesNone) {
  data.remove("test/bent");
  data.remove("ground_truth/bent");
  expect_only(Severity::kWarning, "test", "single defect type");
  data.remove("test/cut");
  data.remove("ground_truth/cut");
  std::filesystem::create_directories(data.nut / "ground_truth");
  expect_only(Severity::kError, "test", "no defect type");
}

TEST_F(CheckMvtecAd, AnEmptyTypeIsNone) {
  for (const char* folder : {"test/bent", "ground_truth/bent"}) data.remove(folder);
  std::filesystem::create_directories(data.nut / "test/bent");
  expect_among(Severity::kError, "test/bent", "no images");
  expect_among(Severity::kWarning, "test", "single defect type");
}

TEST_F(CheckMvtecAd, SortsByPathAndChecksOnlyWhatIsAskedFor) {
  data.remove("train");
  data.write("test/cut/notes.txt", "");
  const auto found = findings();
  ASSERT_GT(found.size(), 1u);
  EXPECT_TRUE(std::is_sorted(found.begin(), found.end(), [](auto& a, auto& b) { return a.path < b.path; }));
  write_grey_png(data.root / "bolt/train/good/000.png", 1);
  for (const auto& finding : check_mvtec_ad(data.root, {"bolt"})) EXPECT_THAT(finding.path, HasSubstr("bolt"));
}

TEST_F(CheckMvtecAd, RefusesARootThatIsNone) {
  test::expect_error<core::DataError>([&] { check_mvtec_ad(data.root / "nowhere", {}); }, {"nowhere"});
  std::filesystem::create_directories(data.root / "empty");
  test::expect_error<core::DataError>([&] { check_mvtec_ad(data.root / "empty", {}); }, {"empty", "no category"});
}

TEST(OfficialCounts, AreThoseOfThePaper) {
  // Table 1 of the IJCV paper: 467 good and 1258 defective test images in 15 categories.
  int good = 0, defective = 0, types = 0;
  for (const auto& [category, counts] : official_test_counts()) {
    for (const auto& [type, count] : counts) {
      (type == "good" ? good : defective) += count;
      types += type != "good";
    }
  }
  EXPECT_EQ(official_test_counts().size(), 15u);
  EXPECT_EQ(good, 467);
  EXPECT_EQ(defective, 1258);
  EXPECT_EQ(types, 73);
}

TEST(OfficialCounts, OfTrainingImagesAreThoseOfThePaper) {
  int train = 0;
  for (const auto& [category, count] : official_train_counts()) {
    EXPECT_EQ(official_test_counts().count(category), 1u) << category;
    train += count;
  }
  EXPECT_EQ(official_train_counts().size(), 15u);
  EXPECT_EQ(train, 3629);
}

}  // namespace
}  // namespace normadd::datasets
