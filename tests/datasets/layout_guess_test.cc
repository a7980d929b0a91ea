// SPDX-License-Identifier: Apache-2.0
#include "datasets/layout_guess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "datasets/category_folders.h"
#include "datasets/defect_labels.h"
#include "datasets/visa.h"
#include "miniatures.h"
#include "support/expect_error.h"

namespace normadd::datasets {
namespace {

using test::expect_error;

std::string guessed(const std::filesystem::path& path) {
  const auto guess = guess_layout(path);
  return guess ? guess->layout : "nothing";
}

TEST(LayoutGuess, KnowsEveryLayout) {
  const SmallDataset mvtec;
  EXPECT_EQ(guessed(mvtec.root), "mvtec_ad");
  std::filesystem::rename(mvtec.nut, mvtec.root / "connector");
  EXPECT_EQ(guessed(mvtec.root), "mpdd");
  EXPECT_EQ(guessed(SmallVisa().root), "visa");
  EXPECT_EQ(guessed(SmallBtad().root), "btad");
  EXPECT_EQ(guessed(SmallCsv().root), "csv");
  EXPECT_EQ(guessed("/no/such/folder"), "nothing");
  EXPECT_EQ(guessed(SmallFolder().root), "nothing");  // which folder is the normal one?
}

TEST(LayoutGuess, SaysWhatTheReaderHasToBeTold) {
  const SmallCsv csv;
  std::filesystem::rename(csv.path("manifest.csv"), csv.path("list.csv"));
  for (const auto& path : {csv.root, csv.path("list.csv")}) {
    const auto guess = guess_layout(path);
    ASSERT_TRUE(guess.has_value());
    EXPECT_EQ(guess->root, csv.root);
    ASSERT_EQ(guess->options.size(), 1u);
    EXPECT_EQ(guess->options[0].first, "manifest");
    EXPECT_EQ(guess->options[0].second.as_string(), "list.csv");
  }
  const SmallFolder folder;
  std::filesystem::rename(folder.path("fine"), folder.path("normal"));
  const auto guess = guess_layout(folder.root);
  ASSERT_TRUE(guess.has_value());
  EXPECT_EQ(guess->layout, "folder");
  const config::Value options(guess->options);
  EXPECT_EQ(options.find("normal_dir")->as_string(), "normal");
  EXPECT_EQ(options.find_path("abnormal_dir.0")->as_string(), "defects");
  EXPECT_EQ(options.find("mask_dir")->as_string(), "masks");
}

TEST(LayoutHint, SendsToTheFolderFurtherDown) {
  const SmallVisa visa;
  expect_error<core::DataError>([&] { read_visa(visa.directory.path(), {}, {}); },
                                {"dataset.root=" + visa.root.string()});
  const SmallBtad btad;
  expect_error<core::DataError>([&] { read_btad(btad.directory.path(), {}); }, {"dataset.root=" + btad.root.string()});
}

TEST(LayoutHint, SendsToTheFolderFurtherUp) {
  const SmallVisa visa;
  for (const char* inner : {"pcb1", "pcb1/Data/Images", "split_csv"}) {
    expect_error<core::DataError>([&] { read_visa(visa.root / inner, {}, {}); },
                                  {"dataset.root=" + visa.root.string() + "."});
  }
  const SmallBtad btad;
  expect_error<core::DataError>([&] { read_btad(btad.root / "01/", {}); },
                                {"dataset.root=" + btad.root.string() + "."});
  const SmallDataset mvtec;
  for (const char* inner : {"nut", "nut/train", "nut/train/good"}) {
    expect_error<core::DataError>([&] { read_mvtec_ad(mvtec.root / inner, {}); },
                                  {"dataset.root=" + mvtec.root.string() + "."});
  }
}

TEST(LayoutHint, SendsToTheRightReader) {
  expect_error<core::DataError>([] { read_mvtec_ad(SmallVisa().root, {}); }, {"dataset=visa"});
  expect_error<core::DataError>([] { read_mvtec_ad(SmallBtad().root, {}); }, {"train/good", "dataset=btad"});
  expect_error<core::DataError>([] { read_visa(SmallDataset().root, {}, {}); }, {"dataset=mvtec_ad"});
  expect_error<core::DataError>([] { read_btad(SmallVisa().root, {}); }, {"dataset=visa"});
}

TEST(LayoutHint, ElseShowsTheLayout) {
  expect_error<core::DataError>([] { read_visa("/nowhere", {}, {}); }, {"/nowhere", "Data/Images/Normal"});
  const test::TemporaryDirectory empty;
  expect_error<core::DataError>([&] { read_btad(empty.path(), {}); }, {"train/ok", "ground_truth/ko"});
  expect_error<core::DataError>([&] { require_layout(empty.path()); }, {"--layout", "visa"});
  const SmallVisa visa;
  expect_error<core::DataError>([&] { require_layout(visa.directory.path()); }, {visa.root.string(), "'visa'"});
  expect_error<core::DataError>([&] { require_layout(visa.root / "pcb1"); }, {visa.root.string(), "'visa'"});
}

TEST(DefectLabels, BecomeTypes) {
  EXPECT_EQ(defect_type_of("bent", "normal"), "bent");
  EXPECT_EQ(defect_type_of(" bent , bent ,", "normal"), "bent");
  EXPECT_EQ(defect_type_of("bent,melt", "normal"), "combined");
  EXPECT_EQ(defect_type_of("", "normal"), "good");
  EXPECT_EQ(defect_type_of("normal", "normal"), "good");
  EXPECT_EQ(defect_type_of("normal,bent", "normal"), std::nullopt);
  EXPECT_EQ(with_underscores("Chunk of wax"), "chunk_of_wax");
}

}  // namespace
}  // namespace normadd::datasets
