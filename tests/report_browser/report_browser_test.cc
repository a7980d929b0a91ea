// SPDX-License-Identifier: Apache-2.0
// Reports as people meet them: opened from disk in a real browser.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "report_browser/browser.h"
#include "report_browser/synthetic_run.h"
#include "reporting/report/report.h"
#include "support/temporary_directory.h"

namespace normadd::reporting {
namespace {

using test::Browser;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

test::SyntheticRun small_run() {
  test::SyntheticRun run;
  run.detectors = {"patchcore", "padim"};
  run.categories = {{"bolt", {"bent", "rust", "scratch"}}, {"cloth", {"hole", "stain"}}};
  return run;
}

/// One browser for all tests of the file: starting it costs more than all of them.
class ReportInBrowser : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (Browser::missing().empty()) browser_ = std::make_unique<Browser>();
  }
  static void TearDownTestSuite() { browser_.reset(); }

  void SetUp() override {
    if (!browser_) GTEST_SKIP() << Browser::missing() << ": reports are not tried in a browser.";
    browser_->set_size(1280, 900);
    browser_->set_dark(false);
  }

  std::filesystem::path report_of(const test::SyntheticRun& run) {
    test::write_synthetic_run(directory_ / "run", run);
    return write_report(list_runs({directory_ / "run"}), directory_ / "report").page;
  }

  void open(const std::filesystem::path& page) {
    browser_->complaints();
    browser_->open(page);
  }

  Browser& browser() { return *browser_; }
  /// Texts of a column of the pairs' table, as they stand now.
  std::string column(int number) {
    return browser().text(
        fmt::format("[...document.querySelectorAll('#pairs tbody tr:not([hidden])')].map(r => r.cells[{}].textContent)"
                    ".join()",
                    number));
  }

  test::TemporaryDirectory directory_;
  static std::unique_ptr<Browser> browser_;
};

std::unique_ptr<Browser> ReportInBrowser::browser_;

TEST_F(ReportInBrowser, OpensWithoutComplaintsAndLoadsItsPictures) {
  open(report_of(small_run()));
  EXPECT_EQ(browser().text("document.querySelector('h1').textContent"), "Normality addition on demo");
  for (const char* section : {"summary", "controls", "pairs", "gallery", "errors", "originals", "provenance"}) {
    EXPECT_TRUE(browser().is_true(fmt::format("document.getElementById('{}') !== null", section))) << section;
  }
  browser().run(
      "document.querySelectorAll('img').forEach(i => i.loading = 'eager');"
      "return Promise.all([...document.images].map(i => i.decode()));");
  EXPECT_GT(browser().number("document.images.length"), 50);
  EXPECT_TRUE(browser().is_true("[...document.images].every(i => i.naturalWidth > 0)"));
  EXPECT_THAT(browser().complaints(), IsEmpty());
}

TEST_F(ReportInBrowser, HeadingsSortByNumberAndByName) {
  open(report_of(small_run()));
  const std::string gain =
      browser().text("[...document.querySelectorAll('#pairs th')].findIndex(h => h.textContent === 'gain')");
  const std::string heading = fmt::format("#pairs th:nth-child({})", std::stoi(gain) + 1);
  const std::string values = fmt::format(
      "[...document.querySelectorAll('#pairs tbody tr')].map(r => Number(r.cells[{}].dataset.value))", gain);
  const auto sort_of = [&] { return browser().text("document.querySelector('" + heading + "').ariaSort"); };
  EXPECT_EQ(sort_of(), "none");
  browser().click(heading + " button");
  EXPECT_EQ(sort_of(), "descending");
  EXPECT_TRUE(browser().is_true(values + ".every((v, i, all) => i === 0 || all[i - 1] >= v)"));
  EXPECT_TRUE(browser().is_true("new Set(" + values + ").size > 3"));
  // The same by keyboard.
  browser().run("document.querySelector('" + heading + " button').focus();");
  browser().press(Browser::kEnter);
  EXPECT_EQ(sort_of(), "ascending");
  EXPECT_TRUE(browser().is_true(values + ".every((v, i, all) => i === 0 || all[i - 1] <= v)"));
  browser().click("#pairs th:nth-child(3) button");
  EXPECT_EQ(sort_of(), "none");
  EXPECT_EQ(column(2), "bent,bent,hole,hole,rust,rust,scratch,scratch,stain,stain");
}

TEST_F(ReportInBrowser, ABoxFiltersRowsAndPairs) {
  open(report_of(small_run()));
  browser().type("#pairs .filter input", "PADIM st");  // rust, too, holds "st"
  EXPECT_EQ(column(2), "rust,stain");
  EXPECT_EQ(browser().text("document.querySelector('#pairs output').textContent"), "2 of 10 rows");
  browser().type("#gallery .filter input", "cloth");
  EXPECT_EQ(browser().number("[...document.querySelectorAll('.pair')].filter(p => p.offsetHeight > 0).length"), 2);
  browser().type("#pairs .filter input", " nothing");
  EXPECT_EQ(column(2), "");
}

TEST_F(ReportInBrowser, TheSliderUncoversAfterByKeyboard) {
  open(report_of(small_run()));
  browser().run("document.querySelector('.slider input').focus();");
  const auto share_seen = [&] {
    // The uncovered part of the tile: what a person sees of A_final.
    return browser().number(
        "(() => { const tile = document.querySelector('.wipe').getBoundingClientRect();"
        "const after = document.querySelector('.wipe .after'), box = after.getBoundingClientRect();"
        "const right = parseFloat(getComputedStyle(after).clipPath.split(' ')[1]) / 100;"
        "return (box.left + box.width * (1 - right) - tile.left) / tile.width; })()");
  };
  EXPECT_NEAR(share_seen(), 0.5, 0.01);
  browser().press(Browser::kEnd);
  EXPECT_NEAR(share_seen(), 1.0, 0.01);
  browser().press(Browser::kHome);
  EXPECT_NEAR(share_seen(), 0.0, 0.01);
  browser().press(Browser::kRight);
  EXPECT_NEAR(share_seen(), 0.01, 0.005);
  EXPECT_EQ(browser().text("document.querySelector('.slider input').getAttribute('aria-valuetext')"), "1 % after");
  EXPECT_NE(browser().text("document.querySelector('.slider input').getAttribute('aria-label')"), "null");
}

TEST_F(ReportInBrowser, APhoneNeedsNoSidewaysScrolling) {
  auto run = small_run();
  run.categories.front().name = std::string(200, 'w');
  open(report_of(run));
  for (const int width : {375, 768, 1280, 2200}) {
    browser().set_size(width, 800, width < 700);
    EXPECT_LE(browser().number("document.documentElement.scrollWidth"), width);
    EXPECT_TRUE(browser().is_true("document.querySelector('#gallery input[type=range]').offsetWidth > 80"));
  }
}

TEST_F(ReportInBrowser, FollowsTheDarkScheme) {
  open(report_of(small_run()));
  const std::string colours = "getComputedStyle(document.body).backgroundColor + getComputedStyle(document.body).color";
  const std::string light = browser().text(colours);
  browser().set_dark(true);
  EXPECT_NE(browser().text(colours), light);
  EXPECT_EQ(browser().text("getComputedStyle(document.body).backgroundColor"), "rgb(20, 23, 26)");
}

TEST_F(ReportInBrowser, HostileNamesStayText) {
  const std::vector<std::string> names{"\"><script>window.hacked=1</script>",
                                       "</script><img src=x onerror=window.hacked=1>",
                                       "x' onmouseover='window.hacked=1",
                                       "a_b%c&d;&lt;{}",
                                       "Löcher 孔 🔩",
                                       std::string(300, 'w')};
  test::SyntheticRun run;
  run.dataset = names[0];
  run.prompts = names[3];
  run.detectors = {names[1], names[2]};
  run.categories = {{names[0], {names[2], names[1]}, 4, 2}, {names[5], {names[3], names[4]}, 4, 2}};
  run.id = names[1];
  open(report_of(run));
  EXPECT_TRUE(browser().is_true("window.hacked === undefined"));
  EXPECT_EQ(browser().number("document.scripts.length"), 1);
  const auto is_shown = [&](const std::string& selector, const std::string& name) {
    return browser().is_true(fmt::format("[...document.querySelectorAll({})].some(e => e.textContent === {})",
                                         nlohmann::json(selector).dump(), nlohmann::json(name).dump()));
  };
  for (const auto& name : names) EXPECT_TRUE(is_shown("#pairs td", name)) << name;
  for (const auto& name : {names[0], names[5]}) EXPECT_TRUE(is_shown("#originals td", name)) << name;
  EXPECT_EQ(browser().text("document.title"), "Normality addition on " + names[0]);
  browser().run(
      "document.querySelectorAll('img').forEach(i => i.loading = 'eager');"
      "return Promise.all([...document.images].map(i => i.decode()));");
  EXPECT_EQ(browser().number("document.querySelectorAll('.pair').length"), 4);
  EXPECT_TRUE(browser().is_true("window.hacked === undefined"));
  EXPECT_THAT(browser().complaints(), IsEmpty());
  open(directory_ / "report" / "pairs.html");
  EXPECT_TRUE(is_shown("#pairs td", names[5]));
  EXPECT_TRUE(browser().is_true("window.hacked === undefined"));
  EXPECT_THAT(browser().complaints(), IsEmpty());
}

TEST_F(ReportInBrowser, SeveralRunsAreComparedAndLinked) {
  auto run = small_run();
  test::write_synthetic_run(directory_ / "runs/0", run);
  run.fusion_lambda = 0.5;
  run.id = "5e6f7a8b";
  test::write_synthetic_run(directory_ / "runs/1", run);
  open(write_report(list_runs({directory_ / "runs"}), directory_ / "report").page);
  EXPECT_THAT(browser().text("document.querySelector('#comparison table').textContent"), HasSubstr("fusion.lambda"));
  EXPECT_THAT(browser().text("document.querySelector('#differences table').textContent"), HasSubstr("fusion.lambda"));
  browser().click("#differences tbody tr:nth-child(2) a");
  EXPECT_THAT(browser().text("document.querySelector('header').textContent"), HasSubstr("5e6f7a8b"));
  EXPECT_THAT(browser().text("document.querySelector('#summary').textContent"), HasSubstr("λ = 0.5"));
  browser().click(".above a");
  EXPECT_THAT(browser().text("document.title"), HasSubstr("2 runs"));
  EXPECT_THAT(browser().complaints(), IsEmpty());
}

TEST_F(ReportInBrowser, OneOfMvtecsSizeOpens) {
  test::SyntheticRun run;
  run.categories = test::mvtec_sized_categories();
  run.detectors = {"patchcore", "padim", "winclip", "april_gan", "external"};
  run.controls = {"none", "constant", "random", "shuffled_prompts", "wrong_object", "oracle"};
  test::write_synthetic_run(directory_ / "run", run);
  const auto written = write_report(list_runs({directory_ / "run"}), directory_ / "report");
  EXPECT_LT(written.num_bytes, 60'000'000u);
  open(written.page);
  EXPECT_EQ(browser().number("document.querySelectorAll('.pair').length"), 72);
  EXPECT_EQ(browser().number("document.querySelectorAll('#pairs tbody tr').length"), 72 * 5);
  EXPECT_THAT(browser().text("document.querySelector('#summary').textContent"), HasSubstr("1725 test images"));
  EXPECT_THAT(browser().complaints(), IsEmpty());
  RecordProperty("megabytes", fmt::format("{:.1f}", static_cast<double>(written.num_bytes) / 1e6));
  RecordProperty("milliseconds_to_load", browser().text("performance.getEntriesByType('navigation')[0].loadEventEnd"));
}

}  // namespace
}  // namespace normadd::reporting
