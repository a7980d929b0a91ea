// SPDX-License-Identifier: Apache-2.0
// What a report's folder holds and when it is written; how it looks and works is tried in a browser (report_browser).
#include "reporting/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "core/atomic_file.h"
#include "core/error.h"
#include "report_browser/synthetic_run.h"
#include "reporting/picture_records.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::reporting {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

std::map<std::string, std::string> files_of(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[entry.path().lexically_relative(folder)] = core::read_file(entry.path());
  }
  return files;
}

class Report : public ::testing::Test {
 protected:
  Report() { run_.categories = {{"bolt", {"bent", "rust"}}}; }

  WrittenReport write(const std::string& name = "report") {
    return write_report(list_runs({directory_ / "run"}), directory_ / name);
  }
  std::string page(const std::string& name = "report") { return core::read_file(directory_ / name / "index.html"); }

  test::TemporaryDirectory directory_;
  test::SyntheticRun run_;
};

TEST_F(Report, IsTheSameWhenMadeAgainAndSaysHowLargeItIs) {
  test::write_synthetic_run(directory_ / "run", run_);
  const WrittenReport first = write();
  const auto files = files_of(directory_ / "report");
  EXPECT_EQ(files.size(), first.num_files);
  std::size_t bytes = 0;
  for (const auto& [name, content] : files) bytes += content.size();
  EXPECT_EQ(bytes, first.num_bytes);
  write();  // in its place
  EXPECT_EQ(files_of(directory_ / "report"), files);
  write("elsewhere/too");
  EXPECT_EQ(files_of(directory_ / "elsewhere/too"), files);
  // Nothing else is left.
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator()), 3);
}

TEST_F(Report, NeedsNothingButTheRunsFolder) {
  test::write_synthetic_run(directory_ / "run", run_);
  write();
  fs::rename(directory_ / "run", directory_ / "moved");
  write_report(list_runs({directory_ / "moved"}), directory_ / "again");
  EXPECT_EQ(files_of(directory_ / "again"), files_of(directory_ / "report"));
  EXPECT_THAT(page(), Not(HasSubstr(directory_.path().string())));
  // Nothing is loaded from a network; the namespace of inlined figures is a name alone.
  for (const char* loaded : {"src=\"http", "href=\"http", "url(", "@import"})
    EXPECT_THAT(page(), Not(HasSubstr(loaded)));
}

TEST_F(Report, TakesNoFolderThatHoldsSomethingElse) {
  test::write_synthetic_run(directory_ / "run", run_);
  core::write_file_atomically(directory_ / "mine/index.html", "<p>my own</p>");
  test::expect_error<core::OutputError>([&] { write("mine"); }, {"mine", "--out"});
  EXPECT_EQ(page("mine"), "<p>my own</p>");
  fs::create_directories(directory_ / "empty");
  EXPECT_NO_THROW(write("empty"));
}

TEST_F(Report, ADamagedRunLeavesTheOldReport) {
  test::write_synthetic_run(directory_ / "run", run_);
  write();
  const auto files = files_of(directory_ / "report");
  core::write_file_atomically(directory_ / "run/images/worst.json", "{");
  test::expect_error<core::DataError>([&] { write(); }, {"worst.json"});
  EXPECT_EQ(files_of(directory_ / "report"), files);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator()), 2);
}

TEST_F(Report, PictureRecordsCannotLeadElsewhere) {
  test::write_synthetic_run(directory_ / "run", run_);
  core::write_file_atomically(directory_ / "secret.png", "secret");
  for (const char* name : {"../../secret.png", "/etc/passwd", "..", ".hidden.png"}) {
    write_thumbnails(directory_ / "run/images", {{"bolt", "bolt/test/bent/000.png", name}});
    test::expect_error<core::DataError>([&] { write(); }, {"worst.json"});
  }
}

TEST_F(Report, RunsWithoutPicturesOrRecordsHaveOnesToo) {
  test::write_synthetic_run(directory_ / "run", run_);
  for (const auto& entry : fs::directory_iterator(directory_ / "run/images")) {
    if (entry.path().extension() == ".json") fs::remove(entry.path());
  }
  write();
  EXPECT_THAT(page(), HasSubstr("class=\"whole\""));
  EXPECT_THAT(page(), Not(HasSubstr("type=\"range\"")));
  fs::remove_all(directory_ / "run/images");
  write();
  EXPECT_THAT(page(), Not(HasSubstr("id=\"gallery\"")));
  EXPECT_THAT(page(), HasSubstr("no picture"));
}

TEST_F(Report, SaysHowToMakeTheRunAgain) {
  run_.dataset = "it's";
  test::write_synthetic_run(directory_ / "run", run_);
  write();
  EXPECT_THAT(page(), HasSubstr("normadd run &#39;dataset.name="));
  EXPECT_THAT(page(), Not(HasSubstr("/elsewhere")));
  EXPECT_THAT(page(), HasSubstr("12.5 s"));
  EXPECT_THAT(page(), HasSubstr(std::string(64, 'a')));
}

TEST(PanelRecords, ComeBackAsTheyWere) {
  const test::TemporaryDirectory directory;
  PanelRecord record{"padim", "a/b", "\xff<x>", "described", "product", {}, 0, 0, {}};
  record.examples = {{"added", "rust", "id.png", 0.1, 0.25, {}}};
  Panel panel{imaging::Image(40, 60, 3),
              {{{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}, {13, 14, 15, 16}, {40, 20, 20, 20}}}};
  write_panel(directory.path(), record, panel);
  PanelRecord back;
  ASSERT_TRUE(read_panel(directory.path(), "a/b", "\xff<x>", back));
  EXPECT_EQ(back.category, "a/b");
  EXPECT_EQ(back.added, "\xEF\xBF\xBD<x>");
  EXPECT_EQ(back.width, 60);
  ASSERT_EQ(back.examples.size(), 1u);
  EXPECT_EQ(back.examples[0].score_after, 0.25);
  EXPECT_EQ(back.examples[0].tiles.after, (Rectangle{40, 20, 20, 20}));
  EXPECT_TRUE(fs::exists(directory / back.picture));
  panel.rows[0].after.left = 41;
  write_panel(directory.path(), record, panel);
  test::expect_error<core::DataError>([&] { read_panel(directory.path(), "a/b", "\xff<x>", back); }, {"tile"});
  EXPECT_FALSE(read_panel(directory.path(), "a", "b", back));
}

}  // namespace
}  // namespace normadd::reporting
