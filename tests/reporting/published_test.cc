// SPDX-License-Identifier: Apache-2.0
#include "reporting/published.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::reporting {
namespace {

namespace fs = std::filesystem;

const fs::path kShipped = fs::path(NORMADD_SOURCE_DIR) / "results" / "published";

double value_of(const PublishedSource& source, const std::string& category, const std::string& metric) {
  for (const auto& number : source.numbers) {
    if (number.category == category && number.metric == metric) return number.value.value();
  }
  ADD_FAILURE() << source.name << " has no " << metric << " of " << category;
  return 0;
}

const PublishedSource& named(const std::vector<PublishedSource>& sources, const std::string& name) {
  return *std::find_if(sources.begin(), sources.end(), [&](const auto& source) { return source.name == name; });
}

TEST(Published, ShippedNumbersAreReadable) {
  const auto sources = read_published(kShipped);
  EXPECT_DOUBLE_EQ(value_of(named(sources, "patchcore_amazon"), "screw", "image_auroc_original_native"), 0.9877);
  EXPECT_DOUBLE_EQ(value_of(named(sources, "padim_reference_resnet18"), "zipper", "pixel_auroc_original"), 0.976);
  EXPECT_DOUBLE_EQ(value_of(named(sources, "winclip_reference"), "metal_nut", "pixel_auroc_original"), 0.493);
  EXPECT_DOUBLE_EQ(value_of(named(sources, "nand_paper"), "mean", "image_auroc_after"), 0.751);
  EXPECT_EQ(named(sources, "a2n_settings").numbers.size(), 21u * 5);
}

TEST(Published, EveryComparedExperimentIsThere) {
  for (const auto& source : read_published(kShipped)) {
    for (const auto& [experiment, label] : source.compared) {
      EXPECT_TRUE(fs::is_regular_file(fs::path(NORMADD_SOURCE_DIR) / "experiments" / (experiment + ".yaml")))
          << source.name << ": " << experiment;
      EXPECT_EQ(source.label_in(experiment), label);
    }
    EXPECT_EQ(source.label_in("paper/none"), "");
  }
}

// A slip of the pen in one of fifteen values would show in their mean.
TEST(Published, MeansAreThoseOfTheirCategories) {
  std::size_t num_checked = 0;
  for (const auto& source : read_published(kShipped)) {
    std::set<std::string> metrics;
    for (const auto& number : source.numbers) {
      if (!number.is_mean() && number.value) metrics.insert(number.metric);
    }
    for (const auto& metric : metrics) {
      double sum = 0;
      std::size_t count = 0;
      for (const auto& number : source.numbers) {
        if (number.is_mean() || number.metric != metric) continue;
        sum += *number.value;
        ++count;
      }
      EXPECT_EQ(count, 15u) << source.name << " " << metric;
      // Rounded to one decimal, from values that were rounded themselves.
      EXPECT_NEAR(sum / 15, value_of(source, "mean", metric), 0.0011) << source.name << " " << metric;
      ++num_checked;
    }
  }
  EXPECT_EQ(num_checked, 17u);
}

class PublishedFiles : public testing::Test {
 protected:
  static constexpr const char* kSource =
      "good:\n  title: A title\n  origin: somewhere\n  tolerance: because\n  compared: {paper/x: a}\n"
      "  settings: {}\n  configuration: {}\n";
  static constexpr const char* kHeader =
      "source,profile,method,dataset,category,added,metric,value,tolerance,verified,note\n";

  void refuse(const std::string& rows, const std::vector<std::string>& mentions, const std::string& yaml = kSource,
              const std::string& header = kHeader) {
    core::write_file_atomically(directory_ / "sources.yaml", yaml);
    core::write_file_atomically(directory_ / "numbers.csv", header + rows);
    test::expect_error<core::DataError>([&] { read_published(directory_.path()); }, mentions);
  }
  test::TemporaryDirectory directory_;
};

TEST_F(PublishedFiles, RefuseWhatIsWrongWithARow) {
  refuse("other,p,m,d,c,,x,0.5,0.1,yes,\n", {"no source 'other'", "numbers.csv:2"});
  refuse("good,p,m,d,c,,x,98.1,0.1,yes,\n", {"98.1", "no share", "0.981"});
  refuse("good,p,m,d,c,,x,-0.1,0.1,yes,\n", {"-0.1", "no share"});
  refuse("good,p,m,d,c,,x,0.5x,0.1,yes,\n", {"0.5x", "no finite number"});
  refuse("good,p,m,d,c,,x,0.5,,yes,\n", {"tolerance"});
  refuse("good,p,m,d,c,,x,0.5,0,yes,\n", {"tolerance"});
  refuse("good,p,m,d,c,,x,0.5,0.1,perhaps,\n", {"perhaps", "yes, no or derived"});
  refuse("good,p,,d,c,,x,0.5,0.1,yes,\n", {"method"});
  refuse("good,p,m,d,c,*,x,0.5,0.1,yes,\n", {"'*'", "mean"});
  refuse("good,p,m,d,c,,x,0.5,0.1,yes,\ngood,p,m,d,c,,x,0.5,0.1,yes,\n", {"twice", "numbers.csv:3"});
  refuse("", {"no CSV file has a row", "good"});
  refuse("good,1\n", {"columns"}, kSource, "source,value\n");
}

TEST_F(PublishedFiles, RefuseWhatIsWrongWithASource) {
  const std::string row = "good,p,m,d,c,,x,0.5,0.1,yes,\n";
  refuse(row, {"lacks 'origin'"}, "good:\n  title: t\n");
  refuse(row, {"unknown key 'titel'", "title"}, std::string(kSource) + "  titel: t\n");
  refuse(row, {"not a map"}, "good: 1\n");
  refuse(row, {"unchecked", "no list"}, std::string(kSource) + "  unchecked: a\n");
  std::string nowhere = kSource;
  nowhere.replace(nowhere.find("{paper/x: a}"), 12, "{}");
  refuse(row, {"no experiment"}, nowhere);
}

TEST_F(PublishedFiles, AChangeMayBeNegative) {
  core::write_file_atomically(directory_ / "sources.yaml", kSource);
  core::write_file_atomically(directory_ / "numbers.csv",
                              std::string(kHeader) + "good,p,m,d,mean,*,image_auroc_gain,-0.1,0.1,no,\n");
  EXPECT_DOUBLE_EQ(read_published(directory_.path()).front().numbers.front().value.value(), -0.1);
}

TEST(Published, AFolderWithoutThemIsRefused) {
  const test::TemporaryDirectory directory;
  test::expect_error<core::DataError>([&] { read_published(directory.path()); }, {"sources.yaml"});
}

}  // namespace
}  // namespace normadd::reporting
