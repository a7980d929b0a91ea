// SPDX-License-Identifier: Apache-2.0
#include "config/override_grammar.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "support/expect_error.h"

namespace normadd::config {
namespace {

using core::ConfigError;

TEST(OverrideGrammar, Forms) {
  EXPECT_EQ(parse_override("a.b=1").kind, OverrideKind::kChange);
  EXPECT_EQ(parse_override("+a=1").kind, OverrideKind::kAdd);
  EXPECT_EQ(parse_override("++a=1").kind, OverrideKind::kAddOrChange);
  EXPECT_EQ(parse_override("a+=1").kind, OverrideKind::kAppend);
  const Override deletion = parse_override("~a");
  EXPECT_EQ(deletion.kind, OverrideKind::kDelete);
  EXPECT_TRUE(deletion.elements.empty());
  EXPECT_EQ(parse_override("~a=1").value(), Value(1));
  const Override group = parse_override("app/db@backup.one=mysql");
  EXPECT_EQ(group.key, "app/db");
  EXPECT_EQ(group.package, "backup.one");
  EXPECT_EQ(parse_override("list.0.x=1").key, "list.0.x");
}

TEST(OverrideGrammar, LaterEqualSignsAreLiteral) {
  EXPECT_EQ(parse_override("ckpt=epoch=9.ckpt").value(), Value("epoch=9.ckpt"));
  EXPECT_EQ(parse_override("q=[a=b]").value(), Value(List{"a=b"}));
}

TEST(OverrideGrammar, SweepsAndFunctionsKeepTheirParts) {
  const Override sweep = parse_override("seed=1, 2 ,x");
  ASSERT_EQ(sweep.elements.size(), 3u);
  EXPECT_TRUE(sweep.is_sweep());
  EXPECT_EQ(sweep.elements[1].value(), Value(2));
  const Override range = parse_override("lr=range(1, stop=5, step=[0.5])");
  ASSERT_EQ(range.elements.size(), 1u);
  const FunctionCall& call = range.elements[0].function();
  EXPECT_EQ(call.name, "range");
  ASSERT_EQ(call.arguments.size(), 3u);
  EXPECT_EQ(call.arguments[1].name, "stop");
  EXPECT_EQ(call.arguments[2].element.value(), Value(List{0.5}));
  const Override nested = parse_override("x=sort(choice(b,'a c'), reverse=true)");
  EXPECT_EQ(nested.elements[0].function().arguments[0].element.function().arguments.size(), 2u);
  EXPECT_TRUE(parse_override("x=glob(*)").is_sweep());
  EXPECT_TRUE(parse_override("x=f()").is_sweep());
  test::expect_error<ConfigError>([] { (void)parse_override("seed=1,2").value(); }, {"sweep", "-m", "seed=[...]"});
  test::expect_error<ConfigError>([] { (void)parse_override("seed=range(3)").value(); }, {"range()", "-m"});
}

TEST(OverrideGrammar, ErrorsShowTheSpellingThatWorks) {
  const auto expect = [](const std::string& text, const std::vector<std::string>& parts) {
    test::expect_error<ConfigError>([&] { parse_override(text); }, parts);
  };
  expect("x='abc", {"quote is not closed", "\n  x='abc\n    ^\n", "Did you mean \"x='abc'\" ?"});
  expect("x=[1,2", {"'[' is not closed", "\n  x=[1,2\n    ^\n", "Did you mean 'x=[1,2]' ?"});
  expect("x={a:1", {"'{' is not closed", "\n  x={a:1\n    ^\n", "Did you mean 'x={a:1}' ?"});
  expect("x=${a.b", {"'${' is not closed", "\n  x=${a.b\n    ^\n", "Did you mean 'x=${a.b}' ?"});
  // Two brackets are missing: one more is no advice.
  expect("x=[[1,2", {"is not closed", "\"x='[[1,2'\""});
  expect("a b=1", {"blank is not allowed in the key", "\n  a b=1\n   ^\n", "without blanks around '='"});
  expect("a|b=1", {"'|' is not allowed in a key", "\n  a|b=1\n   ^\n", "Keys hold letters"});
  expect("b", {"'=' is missing", "\n  b\n   ^\n", "b=VALUE", "\"key='a b'\""});
}

TEST(OverrideGrammar, CaretStandsUnderTheMistake) {
  test::expect_error<ConfigError>([] { parse_override("seed=a)b"); }, {"\n  seed=a)b\n        ^\n", "\"seed='a)b'\""});
  // The column counts characters: the umlaut takes two bytes.
  test::expect_error<ConfigError>([] { parse_override("s=ä)"); }, {"\n  s=ä)\n     ^"});
  test::expect_error<ConfigError>([] { parse_override("x=[1,2"); }, {"\n  x=[1,2\n    ^", "not closed"});
  test::expect_error<ConfigError>([] { parse_override("x=it's"); }, {"\"x=\\\"it's\\\"\""});
  test::expect_error<ConfigError>([] { parse_override("x='a' b"); }, {"'b' is not expected"});
  test::expect_error<ConfigError>([] { parse_override("x=${a"); }, {"'${' is not closed"});
}

TEST(OverrideGrammar, RefusesMalformedKeys) {
  for (const char* text : {"a b=1", "a =1", "seed", "a..b=1", ".a=1", "a.=1", "/a=1", "a//b=1", "a/b.c=1", "a!=1",
                           "a/../b=1", "-x=1", "~", ""}) {
    test::expect_error<ConfigError>([&] { parse_override(text); }, {"cannot read the override", "^"});
  }
}

TEST(OverrideGrammar, RefusesBadDicts) {
  for (const char* text : {"x={a:1,a:2}", "x={a:1,}", "x={a 1}", "x={a:}", "x=[f(1)]"}) {
    test::expect_error<ConfigError>([&] { parse_override(text); }, {"cannot read the override"});
  }
}

TEST(OverrideGrammar, DeepNestingEnds) {
  test::expect_error<ConfigError>([] { parse_override("x=" + std::string(100000, '[')); }, {"too deeply"});
}

}  // namespace
}  // namespace normadd::config
