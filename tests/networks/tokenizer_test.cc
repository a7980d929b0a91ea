// SPDX-License-Identifier: Apache-2.0
#include "networks/tokenizer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/random.h"
#include "networks/text_cleaning.h"
#include "networks/unicode_text.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::networks {
namespace {

using Ids = std::vector<std::int64_t>;

const Tokenizer& clip_tokenizer() {
  static const Tokenizer tokenizer = Tokenizer::clip();
  return tokenizer;
}

Ids framed(const std::string& text) {
  Ids ids = clip_tokenizer().encode(text);
  ids.insert(ids.begin(), clip_tokenizer().start_id());
  ids.push_back(clip_tokenizer().end_id());
  return ids;
}

TEST(Tokenizer, FullVocabularyHasClipsSizeAndSpecialIds) {
  EXPECT_EQ(clip_tokenizer().size(), 49408);
  EXPECT_EQ(clip_tokenizer().start_id(), 49406);
  EXPECT_EQ(clip_tokenizer().end_id(), 49407);
}

TEST(Tokenizer, KnownSentences) {
  EXPECT_EQ(framed("a photo of a cat"), (Ids{49406, 320, 1125, 539, 320, 2368, 49407}));
  EXPECT_EQ(framed("a photo of a metal_nut with defect."),
            (Ids{49406, 320, 1125, 539, 320, 4044, 318, 6491, 593, 44013, 269, 49407}));
  EXPECT_EQ(framed("a cropped photo of the damaged bottle."),
            (Ids{49406, 320, 31139, 1125, 539, 518, 13568, 5392, 269, 49407}));
  EXPECT_EQ(framed("a jpeg corrupted photo of the unblemished toothbrush."),
            (Ids{49406, 320, 73, 11207, 30429, 775, 1125, 539, 518, 569, 1447, 714, 1492, 36841, 269, 49407}));
  EXPECT_EQ(framed("Thread on the carpet's edge 42"), (Ids{49406, 8815, 525, 518, 6922, 568, 5461, 275, 273, 49407}));
}

TEST(Tokenizer, IdsEqualOpenClipsOnTrickyTexts) {
  const auto rows = nlohmann::json::parse(core::read_file(test::golden("networks/token_ids.json")));
  ASSERT_GE(rows.size(), 60u);
  for (const auto& row : rows) {
    const auto text = row.at("text").get<std::string>();
    Ids padded = row.at("padded").get<Ids>();
    padded.resize(77, 0);
    EXPECT_EQ(clip_tokenizer().encode_padded(text, 77, /*truncate=*/true), padded) << text;
  }
}

TEST(Tokenizer, TooLongTextIsQuotedUnlessTruncationIsAllowed) {
  std::string text = "scratch";
  for (int i = 0; i < 80; ++i) text += " hole";
  test::expect_error<core::ConfigError>([&] { clip_tokenizer().encode_padded(text, 77); },
                                        {"83", "77", "scratch hole"});
  const Ids cut = clip_tokenizer().encode_padded(text, 77, true);
  EXPECT_EQ(cut.size(), 77u);
  EXPECT_EQ(cut.back(), clip_tokenizer().end_id());
  EXPECT_EQ(cut[75], clip_tokenizer().encode("hole").front());
}

TEST(Tokenizer, DecodeInvertsEncodeUpToCleaning) {
  for (const std::string text : {"a photo of a metal _ nut", "caf\xC3\xA9 \xF0\x9F\x98\x80 4 2 !"}) {
    EXPECT_EQ(clip_tokenizer().decode(clip_tokenizer().encode_padded(text, 77)), clean_text(text) + " ");
  }
}

TEST(Tokenizer, WithoutMergesEveryByteIsAToken) {
  const Tokenizer bytes = Tokenizer::from_merges({});
  EXPECT_EQ(bytes.size(), 514);
  EXPECT_EQ(bytes.encode("!\""),
            (Ids{0, 256 + 1}));  // "!" is the first printable byte; a word's last byte has its own id.
  for (const char* text : {"abc", "\xE2\x82\xAC", "\xC5\xBC"})
    EXPECT_EQ(bytes.encode(text).size(), std::string(text).size());
}

TEST(Tokenizer, LearnsMostFrequentPairsFirstAndTiesByText) {
  // "ab" occurs 3 times; after it "abc" twice; x y and y z tie, and x comes first.
  const auto merges = Tokenizer::learn_merges({"abc abc abd", "xyz"}, 3);
  const Tokenizer::Merges expected = {{"a", "b"}, {"ab", "c</w>"}, {"ab", "d</w>"}};
  EXPECT_EQ(merges, expected);
  EXPECT_EQ(Tokenizer::learn_merges({"ab"}, 10).size(), 1u);
}

TEST(Tokenizer, LearnedVocabularyShortensItsTextsAndSurvivesSaving) {
  const std::vector<std::string> texts = {"a photo of a carpet with a thread", "a thread on the carpet",
                                          "it's a scratch"};
  const Tokenizer tokenizer = Tokenizer::from_merges(Tokenizer::learn_merges(texts, 25));
  EXPECT_EQ(tokenizer.size(), 512 + 25 + 2);
  EXPECT_LT(tokenizer.encode(texts[0]).size(), Tokenizer::from_merges({}).encode(texts[0]).size() / 2);

  const test::TemporaryDirectory folder;
  tokenizer.save(folder.path());
  const Tokenizer again = Tokenizer::from_folder(folder.path());
  for (const auto& text : texts) EXPECT_EQ(again.encode(text), tokenizer.encode(text));
}

TEST(Tokenizer, BadVocabulariesAreNamed) {
  const test::TemporaryDirectory folder;
  test::expect_error<core::WeightsError>([&] { Tokenizer::from_folder(folder.path()); }, {folder.path().string()});
  core::write_file_atomically(folder / "merges.txt", "#version: 0.2\na b\nabc\n");
  test::expect_error<core::WeightsError>([&] { Tokenizer::from_folder(folder.path()); }, {"merges.txt:3", "abc"});
  core::write_file_atomically(folder / "merges.txt", "#version: 0.2\na bc\n");
  test::expect_error<core::WeightsError>([&] { Tokenizer::from_folder(folder.path()); }, {"merges.txt", "'bc'"});
  std::filesystem::remove(folder / "merges.txt");

  const std::string packed =
      core::read_file(std::filesystem::path(NORMADD_SOURCE_DIR) / "data/vocabulary/bpe_simple_vocab_16e6.txt.gz");
  core::write_file_atomically(folder / "bpe_simple_vocab_16e6.txt.gz", packed.substr(0, 100'000));
  test::expect_error<core::WeightsError>([&] { Tokenizer::from_folder(folder.path()); }, {"truncated"});
}

TEST(TextCleaning, CleansTwice) {
  // Cleaning is idempotent on texts without references.
  for (const std::string text : {"  A\tB ", "CAF\xC3\x89", "\xE2\x80\x9Cq\xE2\x80\x9D", "\xFF\xFE broken"}) {
    EXPECT_EQ(clean_text(clean_text(text)), clean_text(text));
  }
}

TEST(TextCleaning, AnyBytesGiveValidTextAndIds) {
  core::RandomStream random(7, "bytes");
  for (int i = 0; i < 500; ++i) {
    std::string bytes;
    for (std::size_t n = random.index(12) + 1; n > 0; --n) bytes += static_cast<char>(random.index(256));
    const std::string text = clean_text(bytes);
    EXPECT_EQ(encode_utf8(decode_utf8(text)), text);
    // Ids lose nothing of the words but the spaces between them.
    std::string words, decoded = clip_tokenizer().decode(clip_tokenizer().encode(bytes));
    for (const auto& word : split_words(text)) words += word + " ";
    EXPECT_EQ(decoded, words);
  }
}

TEST(TextCleaning, SplitsAsThePatternDoes) {
  EXPECT_EQ(split_words("don't"), (std::vector<std::string>{"don", "'t"}));
  EXPECT_EQ(split_words("42"), (std::vector<std::string>{"4", "2"}));
  EXPECT_EQ(split_words("metal_nut"), (std::vector<std::string>{"metal", "_", "nut"}));
  EXPECT_EQ(split_words("''s"), (std::vector<std::string>{"''", "s"}));
  EXPECT_EQ(split_words(""), std::vector<std::string>{});
}

}  // namespace
}  // namespace normadd::networks
