// SPDX-License-Identifier: Apache-2.0
// Random text must end in a value or in a ConfigError, never in a crash, a hang or another exception.
#include <gtest/gtest.h>

#include "config/compose.h"
#include "config/override_grammar.h"
#include "core/error.h"
#include "core/random.h"

namespace normadd::config {
namespace {

std::string random_text(core::RandomStream& random, const std::vector<std::string>& pieces, std::size_t longest) {
  std::string text;
  for (std::size_t i = random.index(longest); i > 0; --i) {
    text += random.chance(0.05) ? std::string(1, static_cast<char>(random.index(256))) : random.pick(pieces);
  }
  return text;
}

TEST(HostileInput, Overrides) {
  core::RandomStream random(1, "hostile overrides");
  const std::vector<std::string> pieces = {"a",   "b1",   "=",    "+", "~", "@", "/",  ".",  ",",  "[",  "]",
                                           "{",   "}",    "(",    ")", ":", "'", "\"", "\\", " ",  "${", "1",
                                           "1e3", "null", "true", "$", "-", "_", "\t", "f(", "x=", "a="};
  int num_accepted = 0;
  for (int i = 0; i < 50000; ++i) {
    const std::string text = (random.chance(0.7) ? "x=" : "") + random_text(random, pieces, 12);
    try {
      const Override parsed = parse_override(text);
      EXPECT_EQ(parsed.text, text);
      ++num_accepted;
    } catch (const core::ConfigError&) {
    }
  }
  EXPECT_GT(num_accepted, 2000);
  EXPECT_LT(num_accepted, 48000);
}

TEST(HostileInput, Yaml) {
  core::RandomStream random(2, "hostile yaml");
  const std::vector<std::string> pieces = {"a", "b: ", "- ", "\n", "\n  ",   "\n    ", ":",  "'",    "\"",
                                           "[", "]",   "{",  "}",  ", ",     "&x ",    "*x", "<<: ", "!",
                                           "|", "> ",  "#",  "? ", "---",    "...",    "1",  "~",    "%",
                                           "@", "`",   "\\", "x",  "!!str ", "\t"};
  int num_accepted = 0;
  for (int i = 0; i < 6000; ++i) {
    const std::string text = random_text(random, pieces, 16);
    try {
      const Value value = parse_yaml(text, "random.yaml");
      EXPECT_EQ(parse_yaml(to_yaml(value), "again.yaml"), value) << text;
      ++num_accepted;
    } catch (const core::ConfigError&) {
    }
  }
  EXPECT_GT(num_accepted, 300);
  EXPECT_LT(num_accepted, 5700);
}

TEST(HostileInput, DeepInterpolationsDoNotExhaustTheStack) {
  std::string text = "a";
  for (int i = 0; i < 20000; ++i) text = "${" + text + "}";
  EXPECT_THROW((void)resolve(MapEntries{{"a", text}}), core::ConfigError);
}

TEST(HostileInput, Interpolations) {
  core::RandomStream random(3, "hostile interpolations");
  const std::vector<std::string> pieces = {
      "${", "}", "a", "b",         ".",         "..",        ":",   ",", "'", "\"",   "\\",
      "[",  "]", "{", "oc.select", "oc.decode", "oc.create", "now", "0", " ", "${a}", "${oc.select:b}"};
  int num_resolved = 0;
  for (int i = 0; i < 30000; ++i) {
    const auto text = [&] { return "${" + random_text(random, pieces, 6) + (random.chance(0.7) ? "}" : ""); };
    const Value config =
        MapEntries{{"a", text()}, {"b", MapEntries{{"a", 1}, {"0", random.chance(0.2) ? text() : "x"}}}};
    try {
      (void)resolve(config);
      ++num_resolved;
    } catch (const core::ConfigError&) {
    }
  }
  EXPECT_GT(num_resolved, 10);
}

}  // namespace
}  // namespace normadd::config
