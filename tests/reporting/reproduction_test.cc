// SPDX-License-Identifier: Apache-2.0
#include "reporting/reproduction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "core/error.h"
#include "metrics_file.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::reporting {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kImageAuroc = "image_auroc_original";

PublishedNumber published(const std::string& category, std::optional<double> value, double tolerance = 0.01,
                          const std::string& metric = kImageAuroc, const std::string& added = "") {
  PublishedNumber number;
  number.method = "patchcore";
  number.dataset = "demo";
  number.category = category;
  number.added = added;
  number.metric = metric;
  number.value = value;
  if (value) number.tolerance = tolerance;
  number.verified = PublishedNumber::Verified::kYes;
  return number;
}

/// A run of patchcore on bolt, cloth and brush (metrics_file.h), made under the official conditions.
class ReproductionTest : public testing::Test {
 protected:
  ReproductionTest() {
    source_.name = source_.title = "source";
    source_.origin = "nowhere";
    source_.tolerance_reason = "none";
    source_.compared = {{"paper/x", "patchcore"}};
    source_.settings = {{"network", "wide"}, {"detector.ratio", 0.1}, {"weights_sha256", "card wide.tv"}};
    source_.configuration = {{"metrics.resolution", "map"}};
    facts_.sha256_of_card["wide.tv"] = "abc";
    for (const char* category : {"bolt", "cloth", "brush"})
      facts_.datasets["demo"].categories[category] = {9, 20, 30, 64};
    facts_.datasets["demo"].num_pairs = 3;
  }

  /// The manifest's parts.
  std::string settings_ = R"({"network": "wide", "weights_sha256": "abc", "detector": {"ratio": 0.10000000149}})";
  std::string bolt_ =
      R"({"train": 9, "test_normal": 20, "test_anomalous": 30, "missing_masks": 0, "picture_px": [64, 64]})";
  std::string dataset_ = "demo";

  Reproduction compared() {
    const std::string whole =
        R"({"train": 9, "test_normal": 20, "test_anomalous": 30, "missing_masks": 0, "picture_px": [64, 64]})";
    core::write_file_atomically(directory_ / "manifest.json",
                                R"({"detectors": {"patchcore": )" + settings_ + R"(}, "images": {"bolt": )" + bolt_ +
                                    R"(, "cloth": )" + whole + R"(, "brush": )" + whole + "}}");
    core::write_file_atomically(directory_ / "config.resolved.yaml",
                                "dataset: {name: " + dataset_ + "}\nmetrics: {resolution: map}\n");
    core::write_file_atomically(directory_ / "metrics.csv", test::small_metrics_file());
    return compare_with_published(directory_.path(), "paper/x", {source_}, facts_);
  }
  ComparedNumber number(const Reproduction& reproduction, std::size_t index = 0) {
    return reproduction.sources.at(0).numbers.at(index);
  }

  test::TemporaryDirectory directory_;
  PublishedSource source_;
  OfficialFacts facts_;
};

TEST_F(ReproductionTest, SaysWithinUpToTheToleranceAndOutsideBeyond) {
  source_.numbers = {published("bolt", 0.99, 0.01), published("cloth", 0.889, 0.01)};
  const auto result = compared();
  EXPECT_EQ(number(result, 0).verdict, Verdict::kWithin);
  EXPECT_NEAR(number(result, 0).difference().value(), 0.01, 1e-12);
  EXPECT_EQ(number(result, 1).verdict, Verdict::kOutside);
  EXPECT_THAT(result.sources[0].reasons, IsEmpty());
  EXPECT_EQ(result.num_comparable(), 2u);
  EXPECT_FALSE(result.holds());
  EXPECT_EQ(result.summary(), "paper/x: 1 of 2 comparable numbers are within their tolerance.");
}

TEST_F(ReproductionTest, HoldsOnlyWhenSomethingIsComparable) {
  source_.numbers = {published("bolt", 1.0)};
  EXPECT_TRUE(compared().holds());
  settings_ = R"({"network": "small", "weights_sha256": "abc", "detector": {"ratio": 0.1}})";
  const auto result = compared();
  EXPECT_FALSE(result.holds());
  EXPECT_EQ(number(result).verdict, Verdict::kNotComparable);
  EXPECT_THAT(result.sources[0].reasons, ElementsAre("backbone: small, published: wide"));
  EXPECT_THAT(result.summary(), HasSubstr("no number is comparable; not comparable: 1"));
}

TEST_F(ReproductionTest, NamesEveryCondition) {
  source_.numbers = {published("bolt", 1.0)};
  settings_ = R"({"network": "wide", "weights_sha256": "def", "detector": {"ratio": 0.2}})";
  dataset_ = "other";
  EXPECT_THAT(compared().sources[0].reasons,
              ElementsAre("dataset: other, published: demo", "detector.ratio: 0.2, published: 0.1",
                          "weights: sha256 def, published: wide.tv (abc)"));
  dataset_ = "demo";
  facts_.sha256_of_card["wide.tv"] = "";
  source_.configuration.emplace_back("metrics.limit", 0.3);
  EXPECT_THAT(compared().sources[0].reasons,
              ElementsAre("detector.ratio: 0.2, published: 0.1", HasSubstr("wide.tv is not pinned"),
                          "metrics.limit: null, published: 0.3"));
}

TEST_F(ReproductionTest, CountsImagesMasksAndPixelsOfACategory) {
  source_.numbers = {published("bolt", 1.0), published("bolt", 0.98, 0.01, "pixel_auroc_original"),
                     published("cloth", 0.9)};
  bolt_ = R"({"train": 4, "test_normal": 2, "test_anomalous": 30, "missing_masks": 3, "picture_px": [32, 64]})";
  const auto result = compared();
  EXPECT_THAT(result.sources[0].reasons,
              ElementsAre("bolt: 4 training images, officially 9",
                          "bolt: 2 good and 30 anomalous test images, officially 20 and 30",
                          "bolt: pictures of 32 x 64 px, officially 64 x 64",
                          "bolt: 3 of 30 anomalous test images have no mask and are left out of pixel metrics"));
  EXPECT_THAT(number(result, 0).reasons, ElementsAre(0, 1, 2));
  EXPECT_THAT(number(result, 1).reasons, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(number(result, 2).verdict, Verdict::kWithin);
}

TEST_F(ReproductionTest, ZeroShotDetectorsDoNotMindTrainingImages) {
  source_.numbers = {published("bolt", 1.0)};
  source_.settings.clear();
  bolt_ = R"({"train": 4, "test_normal": 20, "test_anomalous": 30, "missing_masks": 0})";
  settings_ = R"({"shots": {"shots": null, "shot_list_xxh128": null}})";
  EXPECT_TRUE(compared().holds());
  settings_ = R"({"shots": {"shots": 2, "shot_list_xxh128": null}})";
  EXPECT_THAT(compared().sources[0].reasons, ElementsAre("bolt: 4 training images, officially 9"));
}

TEST_F(ReproductionTest, AnOlderManifestIsNoEvidence) {
  source_.numbers = {published("bolt", 1.0)};
  bolt_ = "null";
  EXPECT_THAT(compared().sources[0].reasons, ElementsAre(HasSubstr("does not say how many images")));
}

TEST_F(ReproductionTest, MeansAreOverWhatBothHave) {
  // Ours: bolt 1, cloth 0.9, brush 1.
  source_.numbers = {published("bolt", 0.98), published("cloth", 0.92), published("screw", 0.5), published("nail", 0.6),
                     published("mean", 0.75, 0.01)};
  const auto result = compared();
  const auto mean = number(result, 2);
  EXPECT_EQ(mean.num_averaged, 2u);
  EXPECT_NEAR(*mean.ours, 0.95, 1e-12);
  EXPECT_NEAR(*mean.published, 0.95, 1e-12);
  EXPECT_NEAR(*mean.tolerance, 0.01 * std::sqrt(2.0), 1e-12);
  EXPECT_EQ(mean.verdict, Verdict::kWithin);
  EXPECT_THAT(result.sources[0].notes,
              Contains(HasSubstr("over the 2 categories or pairs that both have, not over all 4")));
  EXPECT_THAT(result.sources[0].notes, Contains(HasSubstr("2 published numbers belong to categories")));
}

TEST_F(ReproductionTest, AWholeMeanIsThePublishedOne) {
  source_.numbers = {published("bolt", 0.98), published("cloth", 0.92), published("mean", 0.951, 0.01)};
  const auto mean = number(compared(), 2);
  EXPECT_DOUBLE_EQ(*mean.published, 0.951);
  EXPECT_DOUBLE_EQ(*mean.tolerance, 0.01);
}

TEST_F(ReproductionTest, AMeanWithoutCategoriesNeedsAllOfThem) {
  source_.numbers = {published("mean", 0.97)};
  EXPECT_NEAR(*number(compared()).ours, 2.9 / 3, 1e-12);
  EXPECT_EQ(number(compared()).verdict, Verdict::kWithin);
  facts_.datasets["demo"].categories["screw"] = {1, 1, 1, 64};
  EXPECT_THAT(compared().sources[0].reasons, ElementsAre("mean over 3 categories; published is only that over 4"));
}

TEST_F(ReproductionTest, PairsComeFromTheFirstHonestCell) {
  source_.numbers = {published("bolt", 0.6, 0.01, "image_auroc_after", "bent"),
                     published("bolt", std::nullopt, 0, "s_auroc_added", "bent"),
                     published("mean", 0.6, 0.01, "image_auroc_before", "*")};
  const auto result = compared();
  EXPECT_DOUBLE_EQ(*number(result, 0).ours, 0.6);
  EXPECT_EQ(number(result, 1).verdict, Verdict::kNothingPublished);
  EXPECT_DOUBLE_EQ(*number(result, 1).ours, 0.75);
  EXPECT_NEAR(*number(result, 2).ours, (0.5 + 0.6 + 0.7) / 3, 1e-12);
  EXPECT_EQ(number(result, 2).num_averaged, 3u);
  EXPECT_TRUE(result.holds());
  facts_.datasets["demo"].num_pairs = 72;
  EXPECT_THAT(compared().sources[0].reasons, ElementsAre("mean over 3 pairs; published is only that over 72"));
}

TEST_F(ReproductionTest, AMeanOfPublishedPairsIsOverThose) {
  source_.numbers = {published("bolt", std::nullopt, 0, "image_auroc_gain", "bent"),
                     published("cloth", std::nullopt, 0, "image_auroc_gain", "hole"),
                     published("mean", std::nullopt, 0, "image_auroc_gain", "*")};
  const auto result = compared();
  EXPECT_EQ(number(result, 2).num_averaged, 2u);  // not bolt + combined
  EXPECT_NEAR(*number(result, 2).ours, 0.0, 1e-12);
  EXPECT_EQ(number(result, 2).verdict, Verdict::kNothingPublished);
  EXPECT_TRUE(result.holds());  // nothing was published that could be missed
  EXPECT_EQ(result.detectors.rows.size(), 1u);
}

TEST_F(ReproductionTest, WhatIsNeverComparableSaysWhy) {
  source_.numbers = {published("bolt", 1.0), published("cloth", 0.9, 0.01, "aupro_original")};
  source_.never_comparable = {{"aupro_original", "another definition"}};
  auto result = compared();
  EXPECT_EQ(number(result, 0).verdict, Verdict::kWithin);
  EXPECT_EQ(number(result, 1).verdict, Verdict::kNotMeasured);
  source_.never_comparable = {{"all", "no code"}};
  EXPECT_EQ(number(compared(), 0).verdict, Verdict::kNotComparable);
}

TEST_F(ReproductionTest, FilesHoldTheSameNumbersUnroundedAndTheReasonsInWords) {
  source_.numbers = {published("bolt", 0.9949, 0.003), published("brush", 0.5, 0.01, "pixel_auroc_original")};
  source_.title = "<b>|title|";
  const auto result = compared();
  const std::string text = write_reproduction(result, directory_.path());
  EXPECT_THAT(text, HasSubstr("+0.51"));
  EXPECT_THAT(text, HasSubstr("not measured"));
  const auto csv = core::read_csv(directory_ / "tables/reproduction.csv");
  ASSERT_EQ(csv.rows.size(), 2u);
  EXPECT_EQ(csv.rows[0][csv.column("published")], "0.9949");
  EXPECT_EQ(std::stod(csv.rows[0][csv.column("difference")]), 1 - 0.9949);
  EXPECT_EQ(csv.rows[0][csv.column("verdict")], "outside");
  EXPECT_EQ(csv.rows[0][csv.column("metric")], kImageAuroc);
  EXPECT_EQ(csv.rows[0][csv.column("source")], "source");
  EXPECT_EQ(csv.rows[1][csv.column("ours")], "");
  const std::string markdown = core::read_file(directory_ / "tables/reproduction.md");
  EXPECT_THAT(markdown, HasSubstr("\\<b\\>\\|title\\|"));
  const std::string latex = core::read_file(directory_ / "tables/reproduction.tex");
  EXPECT_THAT(latex, testing::AllOf(HasSubstr("\\toprule"), HasSubstr("99.49"), HasSubstr("not measured")));
  EXPECT_THAT(markdown, HasSubstr("0 of 1 comparable numbers"));
  // Once more from the folder: the same bytes.
  write_reproduction(compared(), directory_.path());
  EXPECT_EQ(core::read_file(directory_ / "tables/reproduction.md"), markdown);
}

TEST_F(ReproductionTest, RefusesWhatItCannotCompare) {
  source_.numbers = {published("bolt", 1.0)};
  source_.compared = {{"paper/y", "patchcore"}};
  test::expect_error<core::DataError>([&] { compared(); }, {"no published numbers", "paper/x"});
  source_.compared = {{"paper/x", "padim"}};
  test::expect_error<core::DataError>([&] { compared(); }, {"none of the detectors", "patchcore"});
  core::write_file_atomically(directory_ / "manifest.json", "{");
  test::expect_error<core::DataError>([&] { compare_with_published(directory_.path(), "paper/x", {source_}, facts_); },
                                      {"manifest.json", "damaged"});
  test::expect_error<core::DataError>(
      [&] { compare_with_published(directory_ / "none", "paper/x", {source_}, facts_); }, {"manifest.json"});
}

}  // namespace
}  // namespace normadd::reporting
