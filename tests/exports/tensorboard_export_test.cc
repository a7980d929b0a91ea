// SPDX-License-Identifier: Apache-2.0
#include "exports/tensorboard_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "exports/small_run.h"
#include "support/python.h"
#include "support/temporary_directory.h"

namespace normadd::exports {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<fs::path> files_below(const fs::path& folder) {
  std::set<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.insert(fs::relative(entry.path(), folder));
  }
  return {files.begin(), files.end()};
}

std::string bytes_below(const fs::path& folder) {
  std::string bytes;
  for (const auto& file : files_below(folder)) bytes += file.string() + core::read_file(folder / file);
  return bytes;
}

/// Two jobs that differ in a key.
void write_sweep(const fs::path& folder) {
  core::write_file_atomically(folder / "sweep.json", "{}\n");
  test::SmallRun job;
  job.write(folder / "0");
  job.id = "another";
  job.detector = "padim";
  job.auroc = 0.75;
  job.write(folder / "1");
}

TEST(TensorboardExport, WritesTheSameBytesAgainAndReplacesOnlyItsOwnFiles) {
  const test::TemporaryDirectory directory;
  const auto folder = directory / "r";
  test::SmallRun().write(folder);
  const auto report = export_tensorboard(reporting::list_runs({folder}), {});
  EXPECT_EQ(report.num_scalars, 4u);
  EXPECT_EQ(report.num_images, 1u);
  EXPECT_EQ(report.num_undefined, 2u);
  ASSERT_EQ(files_below(folder / "tb").size(), 1u);
  EXPECT_THAT(files_below(folder / "tb")[0].string(), HasSubstr("events.out.tfevents.1795630436.normadd."));
  const std::string first = bytes_below(folder / "tb");
  core::write_file_atomically(folder / "tb" / "events.out.tfevents.1.normadd.old.0", "an older run's");
  export_tensorboard(reporting::list_runs({folder}), {});
  EXPECT_EQ(bytes_below(folder / "tb"), first);
  core::write_file_atomically(folder / "tb" / "events.out.tfevents.1.host.7.0", "another program's");
  export_tensorboard(reporting::list_runs({folder}), {});
  EXPECT_EQ(files_below(folder / "tb").size(), 2u);
}

TEST(TensorboardExport, ASweepIsOneLogDirectory) {
  const test::TemporaryDirectory directory;
  write_sweep(directory / "s");
  const auto report = export_tensorboard(reporting::list_runs({directory / "s"}), {});
  EXPECT_EQ(report.num_runs, 2u);
  EXPECT_THAT(report.log_directories, ::testing::ElementsAre(directory / "s" / "tb"));
  const auto files = files_below(directory / "s" / "tb");
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0].parent_path(), "0");
  EXPECT_EQ(files[1].parent_path(), "1");
  EXPECT_EQ(files[2].parent_path(), "");
}

TEST(TensorboardExport, AtMostEightPicturesOfACategory) {
  const test::TemporaryDirectory directory;
  test::SmallRun small;
  small.write(directory / "r");
  auto metrics = small.metrics();
  for (int i = 0; i < 20; ++i) {
    metrics.rows.push_back(metrics.rows[2]);
    metrics.rows.back()[metrics.column("added")] = "type" + std::to_string(i);
    core::write_file_atomically(directory / "r" / "images" / ("bolt_type" + std::to_string(i) + ".png"),
                                test::small_png());
  }
  core::write_csv(directory / "r" / "metrics.csv", metrics);
  EXPECT_EQ(export_tensorboard(reporting::list_runs({directory / "r"}), {}).num_images, kMostImagesPerCategory);
}

TEST(TensorboardExport, ItsOwnReaderFindsEverything) {
  const auto python = test::python_with("tensorboard");
  if (!python) GTEST_SKIP() << "no Python with tensorboard: set NORMADD_PYTHON to one";
  const test::TemporaryDirectory directory;
  write_sweep(directory / "s");
  test::SmallRun hostile;
  hostile.id = "hostile";
  hostile.category = "größe <script>\"%\n/..";
  hostile.added = std::string(300, 'x');
  hostile.write(directory / "r");
  export_tensorboard(reporting::list_runs({directory / "s", directory / "r"}), {.out = directory / "logs"});
  const auto script = test::golden("exports/read_events.py").string();
  const auto outcome = test::run_command(test::shell_quoted(*python) + " " + test::shell_quoted(script) + " " +
                                         test::shell_quoted((directory / "logs").string()));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.out;
  for (const char* line : {"run s/0 1795630436.0\n", "run s/1 1795630436.0\n", "run r 1795630436.0\n",
                           "scalar 'bolt/image_auroc_original' 0:0.5\n", "scalar 'bolt/image_auroc_original' 0:0.75\n",
                           "scalar 'mean/image_auroc_gain' 0:0.25\n", "scalar 'bolt/bent/image_auroc_gain' 0:0.25\n",
                           "image 'bolt/bent/panel' 3 2 706978656c730aff\n", "column detector.name 1 differs",
                           "column seed 3 equal 3..3\n", "hparam detector.name string_value: \"padim\"\n",
                           "hparam detector.exact bool_value: true\n", "hparam detector.ratio number_value: 0.1\n",
                           "hparam detector.shots string_value: \"null\"\n", "metric 'mean/image_auroc_gain'\n",
                           "end 1 1795630438.5\n", "scalar 'größe <script>\"%____-"}) {
    EXPECT_THAT(outcome.out, HasSubstr(line));
  }
}

}  // namespace
}  // namespace normadd::exports
