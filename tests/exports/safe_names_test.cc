// SPDX-License-Identifier: Apache-2.0
#include "exports/safe_names.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace normadd::exports {
namespace {

const std::vector<std::string> kHostile{"",
                                        ".",
                                        "..",
                                        "a/../b",
                                        "/etc/passwd",
                                        "a//b",
                                        " a",
                                        "a ",
                                        "größe",
                                        "猫",
                                        "<script>",
                                        "100%",
                                        "a\"'b",
                                        "a\nb",
                                        "a\tb",
                                        "a\\b",
                                        "\xff\xfe",
                                        "a&b#c?d=e;f:g",
                                        "a..b",
                                        "mean/../x",
                                        "-rf",
                                        "CON",
                                        "\u202eevil",
                                        std::string(300, 'x'),
                                        std::string(299, 'x') + "y"};

TEST(SafeNames, PlainPartsAreWhatMlflowTakes) {
  // mlflow/utils/validation.py: these characters, a path that is its own normal form, at most 250.
  const std::regex allowed(R"([\w.\- ]+)");
  for (const auto& text : kHostile) {
    const std::string part = safe_part(text, Alphabet::kPlain);
    EXPECT_TRUE(std::regex_match(part, allowed)) << part;
    EXPECT_EQ(part.find(".."), std::string::npos) << part;
    EXPECT_NE(part, ".");
    EXPECT_LE(part.size(), 80u);
    const std::string key = safe_key({text, text, text, text, text}, Alphabet::kPlain);
    EXPECT_LE(key.size(), 250u) << key;
    EXPECT_NE(key.front(), '/');
    EXPECT_EQ(key.find("//"), std::string::npos);
  }
}

TEST(SafeNames, DifferentTextsStayDifferent) {
  for (const Alphabet alphabet : {Alphabet::kPlain, Alphabet::kUtf8}) {
    std::set<std::string> parts;
    for (const auto& text : kHostile) EXPECT_TRUE(parts.insert(safe_part(text, alphabet)).second) << text;
  }
}

TEST(SafeNames, HarmlessTextsStayAsTheyAre) {
  for (const char* text : {"bottle", "image_auroc-1.5", "two words"}) {
    EXPECT_EQ(safe_part(text, Alphabet::kPlain), text);
  }
  EXPECT_EQ(safe_part("größe 猫", Alphabet::kUtf8), "größe 猫");
  EXPECT_EQ(safe_key({"bottle", "print", "gain"}, Alphabet::kPlain), "bottle/print/gain");
}

TEST(SafeNames, KeysAreGivenOnce) {
  UniqueKeys keys;
  const std::string first = keys.add("a/b", "1"), second = keys.add("a/b", "2"), third = keys.add("a/b", "2");
  EXPECT_EQ(first, "a/b");
  EXPECT_EQ((std::set<std::string>{first, second, third}).size(), 3u);
}

TEST(SafeNames, CuttingKeepsWholeCharacters) {
  EXPECT_EQ(cut_text("größe", 5), "größe");
  EXPECT_EQ(cut_text("größe", 4), "grö…");
  EXPECT_EQ(cut_text("猫猫猫", 2), "猫…");
  EXPECT_EQ(cut_text("a\xff", 10), "a\uFFFD");
}

}  // namespace
}  // namespace normadd::exports
