// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>

#include "config/compose.h"
#include "core/error.h"
#include "support/expect_error.h"

namespace normadd::config {
namespace {

using core::ConfigError;

Value resolved(const std::string& yaml) { return resolve(parse_yaml(yaml, "f.yaml")); }

void expect_refused(const std::string& yaml, const std::vector<std::string>& mentions) {
  SCOPED_TRACE(yaml);
  test::expect_error<ConfigError>([&] { resolved(yaml); }, mentions);
}

TEST(Interpolation, CirclesPrintTheirChain) {
  expect_refused("a: ${b}\nb: x${c}\nc: ${a}\n", {"f.yaml:1", "a -> b -> c -> a"});
  expect_refused("a: ${a}\n", {"a -> a"});
  expect_refused("a:\n  b: ${a}\n", {"a.b -> a.b"});
  expect_refused("a: ${oc.select:a}\n", {"a -> a"});
}

TEST(Interpolation, UnknownKeysNameTheNearest) {
  expect_refused("seed: 1\nx: ${sede}\n", {"f.yaml:2", "'sede'", "Did you mean 'seed'?"});
  expect_refused("n: {seed: 1}\nx: ${n.sede}\n", {"Did you mean 'n.seed'?"});
  expect_refused("x: ${...y}\n", {"above the top"});
  expect_refused("x: ${a\n", {"not closed"});
  expect_refused("x: ${oc.evn:HOME}\n", {"unknown function 'oc.evn'", "Did you mean 'oc.env'?"});
  expect_refused("x: a${y}\ny: [1]\n", {"a list cannot be part of a text"});
}

TEST(Interpolation, MissingValuesStayUnlessReferredTo) {
  EXPECT_TRUE(resolved("a: ???\nb: 1\n").find("a")->is_missing());
  expect_refused("root: ???\nb: ${root}/x\n", {"b", "root, which is required", "root=VALUE"});
}

TEST(Interpolation, Environment) {
  ::unsetenv("NORMADD_TEST_UNSET");
  expect_refused("x: ${oc.env:NORMADD_TEST_UNSET}\n",
                 {"NORMADD_TEST_UNSET", "not set", "${oc.env:NORMADD_TEST_UNSET,DEFAULT}"});
  ::setenv("NORMADD_TEST_SET", "12", 1);
  EXPECT_EQ(*resolved("x: ${oc.env:NORMADD_TEST_SET}\n").find("x"), Value("12"));
  EXPECT_EQ(*resolved("x: ${oc.decode:${oc.env:NORMADD_TEST_SET}}\n").find("x"), Value(12));
}

TEST(Interpolation, NowIsOneMoment) {
  const Value value = resolved("a: ${now:%Y-%m-%d}\nb: ${now:%H:%M:%S}\nc: run_${now:%Y}\nd: ${now:%H:%M:%S}\n");
  EXPECT_TRUE(std::regex_match(value.find("a")->as_string(), std::regex("20[0-9]{2}-[01][0-9]-[0-3][0-9]")));
  EXPECT_TRUE(std::regex_match(value.find("b")->as_string(), std::regex("[0-2][0-9]:[0-5][0-9]:[0-6][0-9]")));
  EXPECT_EQ(value.find("b")->as_string(), value.find("d")->as_string());
  EXPECT_EQ(value.find("c")->as_string(), "run_" + value.find("a")->as_string().substr(0, 4));
  expect_refused("a: '${now:}'\n", {"needs a format"});
}

TEST(Interpolation, ResolvingTwiceChangesNothing) {
  const Value once = resolved("a: 1\nb: ${a}\nc: [x, '${b}y']\nd: ${c}\n");
  EXPECT_EQ(resolve(once), once);
  EXPECT_EQ(*once.find_path("d.1"), Value("1y"));
}

}  // namespace
}  // namespace normadd::config
