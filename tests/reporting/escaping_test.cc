// SPDX-License-Identifier: Apache-2.0
#include "reporting/escaping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "hostile_names.h"

namespace normadd::reporting {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(HtmlText, LeavesNoMarkup) {
  EXPECT_EQ(html_text("<script>alert(\"x\" & 'y')</script>"),
            "&lt;script&gt;alert(&quot;x&quot; &amp; &#39;y&#39;)&lt;/script&gt;");
  EXPECT_EQ(html_text("`\u50b7 \u00e9`"), "&#96;\u50b7 \u00e9&#96;");
  EXPECT_EQ(html_text(std::string("a\0b\x1b", 4)), "a\ufffdb\ufffd");
  EXPECT_EQ(html_text("two\nlines\t"), "two\nlines\t");
  EXPECT_EQ(html_text("\xff"), "\ufffd");
  EXPECT_EQ(html_text("a\u202eb"), "a\ufffdb");
  EXPECT_EQ(html_text(""), "");
  for (const auto& name : test::hostile_names()) {
    EXPECT_EQ(html_text(name).find_first_of("<>\"'`"), std::string::npos) << name;
  }
}

TEST(LatexText, WritesSpecialCharactersAsCommands) {
  EXPECT_EQ(latex_text("_ % & # $ ~ ^ \\ { }"),
            "\\_ \\% \\& \\# \\$ \\textasciitilde{} \\textasciicircum{} \\textbackslash{} \\{ \\}");
  EXPECT_EQ(latex_text("<a|b>"), "\\textless{}a\\textbar{}b\\textgreater{}");
  EXPECT_EQ(latex_text("a---b,,''"), "a-{}-{}-b,{},'{}'");
  EXPECT_EQ(latex_text("one-two, three"), "one-two, three");
  EXPECT_EQ(latex_text("line\nbreak"), "line break");
}

TEST(LatexText, NeverBeginsWithAnOptionOfTheRowAbove) {
  EXPECT_EQ(latex_text("[2cm]"), "{[}2cm]");
  EXPECT_EQ(latex_text(" *"), " {*}");
  EXPECT_EQ(latex_text("a [b] *"), "a [b] *");
}

TEST(LatexText, NamesLettersThatHaveNoGlyph) {
  EXPECT_EQ(latex_text("\u00e9\u0161"), "\u00e9\u0161");
  EXPECT_EQ(latex_text("\u50b7\U0001f600\u0111"), "U+50B7U+1F600U+0111");
  EXPECT_EQ(latex_text("1 \u00b1 2 \u2020"), "1 $\\pm$ 2 \\dag{}");
  EXPECT_EQ(latex_text("\xff"), "U+FFFD");
}

TEST(MarkdownText, EscapesWhatWouldBeRead) {
  EXPECT_EQ(markdown_text("a|b *c* `d` <e> [f](g) #h ~~i~~ &amp; $j$ \\"),
            "a\\|b \\*c\\* \\`d\\` \\<e\\> \\[f\\](g) \\#h \\~\\~i\\~\\~ \\&amp; \\$j\\$ \\\\");
  EXPECT_EQ(markdown_text("line\nbreak"), "line break");
  EXPECT_EQ(markdown_text("name_only _emphasis_"), "name_only \\_emphasis\\_");
  EXPECT_EQ(markdown_text("https://a.b www.a.b me@a.b AUPRO@30%"), "https\\://a.b www\\.a.b me\\@a.b AUPRO@30%");
}

TEST(FileNameText, KeepsPlainNames) {
  EXPECT_EQ(file_name_text("metal_nut"), "metal_nut");
  EXPECT_EQ(file_name_text("pcb1-v2.0"), "pcb1-v2.0");
}

TEST(FileNameText, IsAlwaysASafeName) {
  for (const auto& name : test::hostile_names()) {
    const std::string file = file_name_text(name);
    EXPECT_LE(file.size(), 80u) << name;
    ASSERT_FALSE(file.empty());
    EXPECT_TRUE(file[0] != '.' && file[0] != '-') << file;
    EXPECT_NE(file.back(), '.') << file;
    EXPECT_TRUE(std::all_of(file.begin(), file.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
    })) << file;
  }
  EXPECT_THAT(file_name_text("../../etc/passwd"), Not(HasSubstr("/")));
  EXPECT_NE(file_name_text("aux"), "aux");
  EXPECT_NE(file_name_text("com1.png"), "com1.png");
}

TEST(FileNameText, TellsNamesApartEvenWhereTheFileSystemIgnoresCase) {
  std::vector<std::string> names = test::hostile_names();
  names.insert(names.end(),
               {"crack", "Crack", "CRACK", "a b", "a_b", "a/b", "a?b", "a\\b", "\u50b7", "\u50b8", ".", ".."});
  names.push_back(file_name_text("Crack"));
  names.push_back(std::string(200, 'a'));
  names.push_back(std::string(201, 'a'));
  std::set<std::string> files;
  for (const auto& name : names) {
    std::string file = file_name_text(name);
    std::transform(file.begin(), file.end(), file.begin(), [](unsigned char c) { return std::tolower(c); });
    EXPECT_TRUE(files.insert(file).second) << name << " -> " << file;
    EXPECT_EQ(file_name_text(name), file_name_text(name));
  }
}

}  // namespace
}  // namespace normadd::reporting
