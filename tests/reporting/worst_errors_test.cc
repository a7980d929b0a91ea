// SPDX-License-Identifier: Apache-2.0
#include "reporting/worst_errors.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::reporting {
namespace {

constexpr const char* kHeader =
    "detector,category,image,type,label_original,added,prompts,fusion,label_new,score_before,score_after\n";

std::string line(const std::string& detector, const std::string& image, const std::string& added, int label,
                 const std::string& after, const std::string& fusion = "product") {
  return fmt::format("{},bolt,{},type,0,{},described,{},{},9,{}\n", detector, image, added, fusion, label, after);
}

std::vector<DetectorErrors> errors_of(const std::string& lines) {
  const test::TemporaryDirectory directory;
  core::write_file_atomically(directory / "scores.csv", kHeader + lines);
  return worst_errors(directory / "scores.csv");
}

TEST(WorstErrors, AreSharesOfTheOtherLabelsImages) {
  // Normal: 1, 2, 5, 5; anomalous: 2, 6.
  const auto errors = errors_of(line("a", "n1", "x", 0, "1") + line("a", "n2", "x", 0, "2") +
                                line("a", "n3", "x", 0, "5") + line("a", "n4", "x", 0, "5") +
                                line("a", "p1", "x", 1, "2") + line("a", "p2", "x", 1, "6"));
  ASSERT_EQ(errors.size(), 1u);
  ASSERT_EQ(errors[0].false_accepts.size(), 1u);
  EXPECT_EQ(errors[0].false_accepts[0].image, "p1");
  EXPECT_DOUBLE_EQ(errors[0].false_accepts[0].error, (2 + 0.5) / 4);  // two above, one equal
  ASSERT_EQ(errors[0].false_rejects.size(), 3u);
  EXPECT_EQ(errors[0].false_rejects[0].image, "n3");
  EXPECT_DOUBLE_EQ(errors[0].false_rejects[0].error, 0.5);
  EXPECT_EQ(errors[0].false_rejects[2].image, "n2");
  EXPECT_DOUBLE_EQ(errors[0].false_rejects[2].error, 0.25);
}

TEST(WorstErrors, TheirMeanIsWhatAurocLacks) {
  const auto errors = errors_of(line("a", "n1", "x", 0, "1") + line("a", "n2", "x", 0, "3") +
                                line("a", "p1", "x", 1, "2") + line("a", "p2", "x", 1, "4"));
  // AUROC 3/4.
  EXPECT_DOUBLE_EQ(errors[0].false_accepts[0].error / 2, 0.25);
  EXPECT_DOUBLE_EQ(errors[0].false_rejects[0].error / 2, 0.25);
}

TEST(WorstErrors, TiesGoByDistanceAndAnImageAppearsOnceWithItsWorstPair) {
  const auto errors = errors_of(line("a", "n1", "x", 0, "7") + line("a", "n2", "x", 0, "9") +
                                line("a", "p1", "x", 1, "2") +  // both are wrong altogether, n2 by more
                                line("a", "n1", "y", 0, "30") + line("a", "p1", "y", 1, "2") +
                                line("a", "p2", "y", 1, "99"));
  ASSERT_EQ(errors[0].false_rejects.size(), 2u);
  EXPECT_EQ(errors[0].false_rejects[0].image, "n2");
  EXPECT_EQ(errors[0].false_rejects[1].image, "n1");
  EXPECT_EQ(errors[0].false_rejects[1].added, "x");
  EXPECT_DOUBLE_EQ(errors[0].false_rejects[1].error, 1.0);
}

TEST(WorstErrors, ControlsHaveNoSayAndDetectorsKeepTheirOrder) {
  const auto errors =
      errors_of(line("b", "n1", "x", 0, "8", "constant") + line("b", "p1", "x", 1, "1", "constant") +
                line("b", "n1", "x", 0, "1") + line("b", "p1", "x", 1, "2") + line("b", "n1", "x", 0, "9", "sum") +
                line("a", "n1", "x", 0, "3") + line("a", "p1", "x", 1, "2"));
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].detector, "b");
  EXPECT_EQ(errors[0].fusion, "product");
  EXPECT_TRUE(errors[0].false_accepts.empty());
  EXPECT_TRUE(errors[0].false_rejects.empty());
  EXPECT_EQ(errors[1].false_rejects.size(), 1u);
}

TEST(WorstErrors, AreBoundedAndNeedBothLabels) {
  std::string lines = line("a", "p", "x", 1, "0");
  for (int i = 0; i < 20; ++i) lines += line("a", fmt::format("n{:02}", i), "x", 0, "1");
  const auto errors = errors_of(lines);
  ASSERT_EQ(errors[0].false_rejects.size(), kMostErrors);
  EXPECT_EQ(errors[0].false_rejects[0].image, "n00");
  EXPECT_TRUE(errors_of(line("a", "n", "x", 0, "1"))[0].false_rejects.empty());
}

TEST(WorstErrors, DamagedFilesAreNamedWithTheirLine) {
  test::expect_error<core::DataError>([] { errors_of(line("a", "n", "x", 0, "nan")); }, {"scores.csv:2", "nan"});
  test::expect_error<core::DataError>([] { errors_of(line("a", "n", "x", 7, "1")); }, {"label_new", "7"});
  const test::TemporaryDirectory directory;
  core::write_file_atomically(directory / "scores.csv", "detector,image\n");
  test::expect_error<core::DataError>([&] { worst_errors(directory / "scores.csv"); }, {"prompts"});
}

}  // namespace
}  // namespace normadd::reporting
