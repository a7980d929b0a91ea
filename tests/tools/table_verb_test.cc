// SPDX-License-Identifier: Apache-2.0
// normadd table on a small run's folder: views, formats, provenance, other tools' files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "program_run.h"
#include "support/temporary_directory.h"

namespace normadd::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kMetrics =
    "run,detector,dataset,category,added,prompts,clip,fusion,seed,metric,value,n_normal,n_anomalous\n"
    "1a2b,padim,demo,bolt,,,,,0,image_auroc_original,0.9,2,2\n"
    "1a2b,padim,demo,bolt,bent,described,micro,product,0,image_auroc_before,0.25,3,1\n"
    "1a2b,padim,demo,bolt,bent,described,micro,product,0,image_auroc_after,0.75,3,1\n"
    "1a2b,padim,demo,bolt,bent,described,micro,product,0,image_auroc_gain,0.5,3,1\n";

class TableVerb : public ::testing::Test {
 protected:
  TableVerb() {
    const auto folder = directory_ / "it's a run";
    core::write_file_atomically(folder / "config.resolved.yaml", "{seed: 0}");
    core::write_file_atomically(folder / "status.json", R"({"state": "done", "started": "2026-01-01T00:00:00"})");
    core::write_file_atomically(folder / "manifest.json", R"({"run": "1a2b3c4d", "program_version": "9.9.9"})");
    core::write_file_atomically(folder / "metrics.csv", kMetrics);
    folder_ = folder.string();
  }
  Outcome table(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"table", folder_});
    return run_quietly(arguments);
  }

  const test::TemporaryDirectory directory_;
  std::string folder_;
};

TEST_F(TableVerb, EveryViewEndsWithItsProvenance) {
  for (const char* view : {"ablation", "summary", "categories", "detectors", "pairs"}) {
    const Outcome outcome = table({"--view", view});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
    EXPECT_THAT(outcome.out, HasSubstr("Run 1a2b3c4d, normadd 9.9.9."));
    EXPECT_THAT(outcome.out, HasSubstr("it'\\''s a run' --view " + std::string(view) + "\n"));
  }
}

TEST_F(TableVerb, WritesEveryFormat) {
  EXPECT_THAT(table({"--format", "latex"}).out, HasSubstr("\\toprule"));
  EXPECT_THAT(table({"--format", "html"}).out, StartsWith("<table"));
  EXPECT_THAT(table({"--format", "markdown"}).out, HasSubstr("|---:|"));
  const auto file = directory_ / "out.csv";
  EXPECT_EQ(table({"--format", "csv", "--view", "pairs", "--out", file.string()}).out, "");
  const core::CsvTable csv = core::read_csv(file);
  ASSERT_EQ(csv.rows.size(), 1u);
  EXPECT_EQ(csv.rows[0][csv.column("image_auroc_gain")], "0.5");
  EXPECT_EQ(csv.rows[0][csv.column("gain_low")], "");  // the folder has no scores.csv
}

TEST_F(TableVerb, WritesOtherToolsFilesAndSaysWhatIsMissing) {
  const Outcome outcome = table({"--compat", "patchcore"});
  EXPECT_EQ(outcome.out,
            "Row Names,instance_auroc,full_pixel_auroc,anomaly_pixel_auroc\n"
            "demo_bolt,0.9,,\n"
            "Mean,0.9,,\n");
  EXPECT_THAT(outcome.error, HasSubstr("full_pixel_auroc is empty"));
}

TEST_F(TableVerb, LeavesResultsAlone) {
  expect_refusal({"table", folder_, "--out", folder_ + "/metrics.csv"}, {"must stay", "--out"});
  EXPECT_EQ(core::read_file(folder_ + "/metrics.csv"), kMetrics);
  EXPECT_EQ(table({"--out", folder_ + "/mine.txt"}).exit_code, 0);
}

TEST_F(TableVerb, BadInputIsSaid) {
  expect_refusal({"table", folder_, "--view", "detecors"}, {"--view", "detectors"});
  expect_refusal({"table", folder_, "--format", "tex"}, {"--format", "latex"});
  expect_refusal({"table", folder_, "--compat", "anomalyb"}, {"--compat", "anomalib"});
  expect_refusal({"table", folder_, "--view", "types"}, {"types"});
  expect_refusal({"table"}, {"no folder"});
}

}  // namespace
}  // namespace normadd::tools
