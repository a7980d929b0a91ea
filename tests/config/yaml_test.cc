// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "config/compose.h"
#include "core/error.h"
#include "core/random.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::config {
namespace {

using core::ConfigError;

TEST(YamlReader, KeepsOrderKindsAndPlaces) {
  const Value value = parse_yaml("b: 1\na: [x, 2.5, null, true]\nc:\n  d: '7'\n", "file.yaml");
  ASSERT_EQ(value.as_map().size(), 3u);
  EXPECT_EQ(value.as_map()[0].first, "b");
  EXPECT_EQ(value.find_path("a.1")->as_float(), 2.5);
  EXPECT_TRUE(value.find_path("a.2")->is_null());
  EXPECT_TRUE(value.find_path("a.3")->as_bool());
  EXPECT_EQ(value.find_path("c.d")->as_string(), "7");
  EXPECT_EQ(value.find_path("c.d")->source.line, 4);
  EXPECT_EQ(source_text(value.find_path("a.1")->source), "file.yaml:2");
  EXPECT_EQ(value.find_path("a.9"), nullptr);
  EXPECT_EQ(value.find_path("b.x"), nullptr);
}

TEST(Value, SetsReplacesAndErasesInPlace) {
  Value value;
  value.set("a", 1);
  value.set("b", List{1, MapEntries{{"x", 2}}});
  value.set("a", 3);
  EXPECT_EQ(value.as_map()[0].second, Value(3));
  value.find_path("b.1")->set("x", "new");
  EXPECT_EQ(*value.find_path("b.1.x"), Value("new"));
  EXPECT_EQ(value.find_path("b.2"), nullptr);
  EXPECT_EQ(value.find_path("b.-1"), nullptr);
  EXPECT_EQ(value.find_path("")->as_map().size(), 2u);
  EXPECT_TRUE(value.find("b")->erase("0"));
  EXPECT_FALSE(value.erase("c"));
  EXPECT_TRUE(value.erase("a"));
  EXPECT_EQ(value, Value(MapEntries{{"b", List{MapEntries{{"x", "new"}}}}}));
  EXPECT_FALSE(Value(1) == Value(1.0));
}

TEST(YamlReader, EmptyTextIsNull) {
  EXPECT_TRUE(parse_yaml("", "f").is_null());
  EXPECT_TRUE(parse_yaml("# only a comment\n", "f").is_null());
}

TEST(YamlReader, DuplicateKeysNameBothLines) {
  test::expect_error<ConfigError>([] { parse_yaml("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", "twice.yaml"); },
                                  {"twice.yaml:5", "'c' appears twice", "line 3"});
}

TEST(YamlReader, RefusesWhatItCannotRead) {
  test::expect_error<ConfigError>([] { parse_yaml("a: 1\n\tb: 2\n", "f.yaml"); }, {"f.yaml:2", "tab"});
  test::expect_error<ConfigError>([] { parse_yaml("a: [1, 2\n", "f.yaml"); }, {"f.yaml:"});
  test::expect_error<ConfigError>([] { parse_yaml("a: 1\nb: *nowhere\n", "f.yaml"); }, {"f.yaml:2"});
  test::expect_error<ConfigError>([] { parse_yaml("a: 1\n---\nb: 2\n", "f.yaml"); },
                                  {"f.yaml:2", "second YAML document"});
  test::expect_error<ConfigError>([] { parse_yaml("a: 99999999999999999999\n", "f.yaml"); }, {"f.yaml:1", "64 bits"});
  test::expect_error<ConfigError>([] { parse_yaml("a: !python/object x\n", "f.yaml"); }, {"f.yaml:1", "tag"});
  test::expect_error<ConfigError>([] { parse_yaml("? [1, 2]\n: x\n", "f.yaml"); }, {"f.yaml:1", "key"});
  test::expect_error<ConfigError>([] { parse_yaml("&a [*a]\n", "f.yaml"); }, {"f.yaml"});
  test::expect_error<ConfigError>([] { read_yaml("/no/such/file.yaml"); }, {"/no/such/file.yaml"});
}

TEST(YamlReader, AliasesThatDoubleEachOtherEnd) {
  std::string text = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 40; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + ", *a" +
            std::to_string(i - 1) + "]\n";
  }
  test::expect_error<ConfigError>([&] { parse_yaml(text, "f.yaml"); }, {"too many nodes"});
}

TEST(YamlReader, MergeKeysFillInWhatIsAbsent) {
  const Value value = parse_yaml("base: &base {a: 1, b: 2}\nmine:\n  <<: *base\n  b: 3\n", "f.yaml");
  EXPECT_EQ(value.find_path("mine.a")->as_integer(), 1);
  EXPECT_EQ(value.find_path("mine.b")->as_integer(), 3);
}

TEST(YamlWriter, WritesForEveryReader) {
  const Value value = MapEntries{
      {"rate", 1e-5},        {"big", 1e22},       {"whole", 2.0},
      {"count", 3},          {"none", Value()},   {"word", "yes"},
      {"octal", "012"},      {"exponent", "1e3"}, {"time", "12:30"},
      {"empty", ""},         {"blank", " x "},    {"reference", "${a.b}"},
      {"path", "data/demo"}, {"lines", "a\nb"},   {"list", List{1, MapEntries{{"x", 1}, {"z", List{2}}}, List{}}},
      {"map", MapEntries{}}};
  EXPECT_EQ(
      to_yaml(value),
      "rate: 1.0e-05\nbig: 1.0e+22\nwhole: 2.0\ncount: 3\nnone: null\nword: 'yes'\noctal: '012'\nexponent: '1e3'\n"
      "time: '12:30'\nempty: ''\nblank: ' x '\nreference: ${a.b}\npath: data/demo\nlines: \"a\\nb\"\n"
      "list:\n- 1\n- x: 1\n  z:\n  - 2\n- []\nmap: {}\n");
}

std::string random_text(core::RandomStream& random) {
  static const std::vector<std::string> kPieces = {"a",
                                                   "yes",
                                                   "1",
                                                   ".",
                                                   "-",
                                                   ":",
                                                   " ",
                                                   "#",
                                                   "'",
                                                   "\"",
                                                   "\n",
                                                   "\t",
                                                   "{",
                                                   "}",
                                                   "[",
                                                   "]",
                                                   ",",
                                                   "&",
                                                   "*",
                                                   "!",
                                                   "|",
                                                   ">",
                                                   "%",
                                                   "@",
                                                   "`",
                                                   "\\",
                                                   "~",
                                                   "e",
                                                   "x",
                                                   "0",
                                                   "?",
                                                   "=",
                                                   "ä",
                                                   "漢",
                                                   "\x01",
                                                   "\xc2\x85",
                                                   "\xe2\x80\xa8",
                                                   "---",
                                                   "null",
                                                   "<<",
                                                   "\r",
                                                   "$",
                                                   "_"};
  std::string text;
  for (std::size_t i = random.index(6); i > 0; --i) text += random.pick(kPieces);
  return text;
}

Value random_value(core::RandomStream& random, int depth) {
  switch (random.index(depth > 3 ? 5 : 7)) {
    case 0:
      return {};
    case 1:
      return random.chance(0.5);
    case 2:
      return static_cast<std::int64_t>(random.bits());
    case 3:
      return random.normal() * std::pow(10.0, random.uniform(-30, 30));
    case 4:
      return random_text(random);
    case 5: {
      List list;
      for (std::size_t i = random.index(4); i > 0; --i) list.push_back(random_value(random, depth + 1));
      return list;
    }
    default: {
      Value map{MapEntries{}};
      for (std::size_t i = random.index(4); i > 0; --i) map.set(random_text(random), random_value(random, depth + 1));
      return map;
    }
  }
}

TEST(YamlWriter, WhatIsWrittenReadsBackTheSame) {
  core::RandomStream random(7, "yaml round trip");
  for (int i = 0; i < 3000; ++i) {
    const Value value = MapEntries{{"top", random_value(random, 0)}};
    const std::string text = to_yaml(value);
    ASSERT_EQ(parse_yaml(text, "written.yaml"), value) << text;
  }
}

}  // namespace
}  // namespace normadd::config
