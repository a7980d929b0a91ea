// SPDX-License-Identifier: Apache-2.0
// normadd plot on a finished run's folder.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "core/subprocess.h"
#include "reporting/run_folder_files.h"
#include "support/temporary_directory.h"
#include "tools/program_run.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;

class Plot : public testing::Test {
 protected:
  void SetUp() override { test::write_run_folder(run(), {}); }
  fs::path run() const { return directory_ / "run"; }

  const test::TemporaryDirectory directory_;
};

TEST_F(Plot, WritesPicturesAndPointsBesideTheRun) {
  const Outcome outcome = run_quietly({"plot", run().string()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
  for (const char* name : {"gain", "roc", "pr", "scores", "controls", "collateral"}) {
    EXPECT_TRUE(fs::is_regular_file(run() / "figures" / (std::string(name) + ".svg"))) << name;
    EXPECT_TRUE(fs::is_regular_file(run() / "figures" / (std::string(name) + ".csv"))) << name;
  }
  EXPECT_TRUE(fs::is_regular_file(run() / "figures" / "figures.json"));
  const std::string first = core::read_file(run() / "figures" / "gain.svg");
  EXPECT_EQ(
      run_quietly({"plot", run().string(), "--figures", "gain", "--out", (directory_ / "out").string()}).exit_code, 0);
  EXPECT_EQ(core::read_file(directory_ / "out" / "gain.svg"), first);
  EXPECT_FALSE(fs::exists(directory_ / "out" / "roc.svg"));
}

TEST_F(Plot, SaysWhatIsWrong) {
  expect_refusal({"plot"}, {"no folder"});
  expect_refusal({"plot", run().string(), "--format", "pfd"}, {"pfd", "pdf"});
  expect_refusal({"plot", run().string(), "--figures", "rok"}, {"rok", "roc"});
  expect_refusal({"plot", run().string(), run().string()}, {"--out"});
  expect_refusal({"plot", run().string(), "--figures", "pro"}, {"no numbers"});
  expect_refusal({"plot", run().string(), "--format", "pdf", "--python", "/no/such/python"},
                 {"/no/such/python", "--python"});
  EXPECT_FALSE(fs::exists(run() / "figures"));
}

TEST_F(Plot, LeavesResultsAlone) {
  const std::string scores = core::read_file(run() / "scores.csv");
  expect_refusal({"plot", run().string(), "--out", run().string()}, {"must stay", "figures"});
  EXPECT_EQ(core::read_file(run() / "scores.csv"), scores);
  EXPECT_FALSE(fs::exists(run() / "figures.json"));
}

TEST_F(Plot, WithoutMatplotlibSaysHowToGetIt) {
  // A program that refuses every import, as a Python without matplotlib does.
  expect_refusal({"plot", run().string(), "--format", "svg,png", "--python", "false"},
                 {"matplotlib", "pip install", "requirements.txt"});
  EXPECT_FALSE(fs::exists(run() / "figures"));
}

TEST_F(Plot, PdfAndPngAreDrawnByMatplotlib) {
  const char* variable = std::getenv("NORMADD_PYTHON");
  core::SubprocessRequest request;
  request.command = {variable != nullptr ? variable : "python3", "-c", "import matplotlib"};
  if (!core::run_subprocess(request).ok())
    GTEST_SKIP() << request.command[0] << " has no matplotlib (set NORMADD_PYTHON)";
  const Outcome outcome = run_quietly({"plot", run().string(), "--format", "pdf,png"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
  std::size_t pictures = 0;
  for (const auto& entry : fs::directory_iterator(run() / "figures")) {
    if (entry.path().extension() != ".csv") continue;
    ++pictures;
    const auto stem = entry.path().stem().string();
    EXPECT_EQ(core::read_file(run() / "figures" / (stem + ".pdf")).substr(0, 5), "%PDF-") << stem;
    EXPECT_EQ(core::read_file(run() / "figures" / (stem + ".png")).substr(1, 3), "PNG") << stem;
    EXPECT_FALSE(fs::exists(run() / "figures" / (stem + ".svg"))) << stem;
  }
  EXPECT_GT(pictures, 8u);
}

}  // namespace
}  // namespace normadd::tools
