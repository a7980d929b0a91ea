// SPDX-License-Identifier: Apache-2.0
#include "reporting/chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "reporting/axis_scale.h"
#include "reporting/text_extent.h"
#include "support/expect_error.h"

namespace normadd::reporting {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

Chart line_chart() {
  Chart chart;
  chart.kind = "test";
  chart.x = {"rate", "rate", 0, 1};
  chart.y = {"share (%)", "share", 0, 1, 100};
  chart.panel_column = "category";
  chart.series_column = "detector";
  ChartSeries one, two;
  one.name = "one";
  one.x = {0, 0.5, 1};
  one.y = {0, kUndefined, 1};
  two.name = "two";
  two.x = {0, 1};
  two.y = {0.25, 0.75};
  two.low = {0.1, kUndefined};
  two.high = {0.4, kUndefined};
  chart.panels.push_back({"bolt", {one, two}, {{Guide::Kind::kVertical, 0.5, "threshold"}}});
  return chart;
}

TEST(Chart, TicksHaveEquallyManyDecimals) {
  EXPECT_THAT(tick_texts({0, 0.5, 1}), ElementsAre("0.0", "0.5", "1.0"));
  EXPECT_THAT(tick_texts({-5, 0, 5}), ElementsAre("\u22125", "0", "5"));
  EXPECT_THAT(tick_texts({0.25, 0.5}), ElementsAre("0.25", "0.50"));
  EXPECT_THAT(tick_texts({0, 20000}), ElementsAre("0", "20000"));
  EXPECT_THAT(tick_texts({0.1 * 3, 0.4}), ElementsAre("0.3", "0.4"));
}

TEST(Chart, PointsAreEverythingThatIsDrawn) {
  const auto table = chart_points(line_chart());
  EXPECT_THAT(table.columns, ElementsAre("category", "detector", "rate", "share", "share_low", "share_high"));
  ASSERT_EQ(table.rows.size(), 6u);
  EXPECT_THAT(table.rows[0], ElementsAre("bolt", "one", "0", "0", "", ""));
  EXPECT_THAT(table.rows[1], ElementsAre("bolt", "one", "0.5", "", "", ""));
  EXPECT_THAT(table.rows[3], ElementsAre("bolt", "two", "0", "0.25", "0.1", "0.4"));
  EXPECT_THAT(table.rows[5], ElementsAre("bolt", "threshold", "0.5", "", "", ""));
}

TEST(Chart, PictureHasTheWidthOfAColumnAndPercentOnItsAxis) {
  const std::string svg = svg_text(line_chart(), "a title");
  EXPECT_EQ(svg.rfind("<svg ", 0), 0u);
  EXPECT_THAT(svg, HasSubstr("width=\"3.3in\""));
  EXPECT_THAT(svg, HasSubstr("<title>a title</title>"));
  EXPECT_THAT(svg, HasSubstr(">100</text>"));
  EXPECT_THAT(svg, HasSubstr(">threshold</text>"));
  for (const char* never : {"nan", "inf", " id=", "<script", "url("}) EXPECT_THAT(svg, Not(HasSubstr(never)));
  EXPECT_EQ(svg, svg_text(line_chart(), "a title"));
}

TEST(Chart, LinesBreakAtWhatIsNoNumberAndEndWhereTheAxesEnd) {
  Chart chart = line_chart();
  chart.panels[0].series = {chart.panels[0].series[1]};
  chart.panels[0].series[0].y = {0, 1};
  const auto drawing = nlohmann::json::parse(chart_drawing(chart));
  const auto& panel = drawing["panels"][0];
  const double width = drawing["width_in"].get<double>() * 72, height = drawing["height_in"].get<double>() * 72;
  const double left = panel["left"].get<double>() * width, bottom = (1 - panel["bottom"].get<double>()) * height;
  const double right = left + panel["width"].get<double>() * width,
               top = bottom - panel["height"].get<double>() * height;
  const auto text = [](double value) { return std::to_string(std::lround(value * 100) / 100.0).substr(0, 5); };
  const std::string svg = svg_text(chart, "");
  EXPECT_THAT(svg, HasSubstr("M" + text(left)));
  EXPECT_THAT(svg, HasSubstr("L" + text(right)));
  EXPECT_GT(bottom, top);
  EXPECT_GE(top, 0);
  EXPECT_LE(right, width);
}

TEST(Chart, NamesAreEscapedAndCutInThePictureAndWholeInThePoints) {
  Chart chart = line_chart();
  const std::string name = "<script>alert(1)</script>&\"" + std::string(300, 'x') + "\xff";
  chart.panels[0].title = name;
  chart.panels[0].series[0].name = name;
  const std::string svg = svg_text(chart, name);
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
  EXPECT_THAT(svg, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(svg, HasSubstr("\u2026</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("\xff")));
  EXPECT_EQ(chart_points(chart).rows[0][0], name);
  EXPECT_TRUE(nlohmann::json::accept(chart_drawing(chart)));
  EXPECT_EQ(figure_of("../a/b", "", "", chart).name.find('/'), std::string::npos);
}

TEST(Chart, CategoriesStandInTheCsvByName) {
  Chart chart;
  chart.x = {"gain", "gain"};
  chart.y = {"", "pair"};
  chart.y.categories = {"first", "second"};
  ChartSeries bars;
  bars.kind = SeriesKind::kBars;
  bars.x = {0.5, -0.25};
  bars.y = {1, 0};
  chart.panels.push_back({"", {bars}});
  const auto table = chart_points(chart);
  EXPECT_THAT(table.rows[0], ElementsAre("0.5", "second"));
  EXPECT_THAT(table.rows[1], ElementsAre("-0.25", "first"));
}

TEST(Chart, RefusesSeriesOfUnevenLengths) {
  Chart chart = line_chart();
  chart.panels[0].series[1].y.pop_back();
  test::expect_error<core::InternalError>([&] { svg_text(chart, ""); }, {"two"});
}

TEST(TextExtent, ShortensToTheWidth) {
  EXPECT_EQ(shortened("short", 100, 7), "short");
  const std::string cut = shortened("a very long name of a category", 60, 7);
  EXPECT_TRUE(cut.ends_with("\u2026"));
  EXPECT_LE(text_width_pt(cut, 7), 60);
  EXPECT_NEAR(text_width_pt("0123456789", 10), 55.6, 1e-9);
}

}  // namespace
}  // namespace normadd::reporting
