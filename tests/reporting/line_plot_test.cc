// SPDX-License-Identifier: Apache-2.0
#include "reporting/line_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "support/expect_error.h"

namespace normadd::reporting {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(LinePlot, TicksAreRoundNumbersInsideTheRange) {
  EXPECT_THAT(round_ticks(0, 1, 5), ElementsAre(0, 0.2, 0.4, 0.6, 0.8, 1));
  EXPECT_THAT(round_ticks(0, 2400, 7), ElementsAre(0, 500, 1000, 1500, 2000));
  EXPECT_THAT(round_ticks(-0.3, 0.3, 6), ElementsAre(-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3));
  EXPECT_THAT(round_ticks(97.2, 98.1, 4), ElementsAre(97.5, 98));
  EXPECT_FALSE(std::signbit(round_ticks(0, 10, 5)[0]));
}

TEST(LinePlot, PutsTheExtremesAtTheEndsOfTheAxes) {
  LinePlot plot{"Loss", "step", "loss", {{"train", {0, 5, 10}, {4, 3, 2}}}};
  const std::string svg = svg_text(plot);
  // Plot area: x from 64 to 620, y from 350 (low) to 40 (high).
  EXPECT_THAT(svg, HasSubstr("M64.00,40.00 L342.00,195.00 L620.00,350.00"));
  EXPECT_THAT(svg, HasSubstr(">Loss</text>"));
  EXPECT_EQ(count_of(svg, "<path"), 1u);
}

TEST(LinePlot, BreaksLinesAtWhatIsNoNumber) {
  LinePlot plot;
  plot.series = {{"a", {0, 1, 2, 3, 4}, {1, 2, std::numeric_limits<double>::quiet_NaN(), 2, 1}}};
  const std::string svg = svg_text(plot);
  EXPECT_EQ(count_of(svg, "M"), 2u);
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(LinePlot, LogarithmicAxisHasEvenDecades) {
  LinePlot plot;
  plot.log_y = true;
  plot.series = {{"a", {0, 1, 2, 3}, {100, 1, 0, 0.01}}};
  const std::string svg = svg_text(plot);
  EXPECT_THAT(svg, HasSubstr("M64.00,40.00 L249.33,195.00 M620.00,350.00"));
  EXPECT_THAT(svg, HasSubstr(">0.1</text>"));
}

TEST(LinePlot, EscapesWordsAndNamesSeries) {
  LinePlot plot;
  plot.title = "a < b & c";
  plot.series = {{"one", {0}, {1}}, {"two", {}, {}}};
  const std::string svg = svg_text(plot);
  EXPECT_THAT(svg, HasSubstr("a &lt; b &amp; c"));
  EXPECT_THAT(svg, HasSubstr(">one</text>"));
  EXPECT_THAT(svg, HasSubstr(">two</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
}

TEST(LinePlot, RefusesSeriesOfDifferentLengths) {
  LinePlot plot;
  plot.series = {{"broken", {0, 1}, {1}}};
  test::expect_error<core::InternalError>([&] { svg_text(plot); }, {"broken"});
}

}  // namespace
}  // namespace normadd::reporting
