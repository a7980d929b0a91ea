// SPDX-License-Identifier: Apache-2.0
#include "detectors/python_random.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "core/atomic_file.h"
#include "support/temporary_directory.h"

namespace normadd::detectors {
namespace {

nlohmann::json golden() { return nlohmann::json::parse(core::read_file(test::golden("detectors/python_random.json"))); }

std::int64_t sum(const std::vector<std::int64_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::int64_t{0});
}

TEST(PythonRandom, WordsEqualPythonsAcrossRenewalsOfTheState) {
  const auto expected = golden();
  PythonRandom random(expected.at("words_seed").get<std::uint64_t>());
  std::vector<std::uint32_t> words;
  for (int i = 0; i < 1300; ++i) words.push_back(random.word());
  EXPECT_EQ(std::vector(words.begin(), words.begin() + 4),
            expected.at("first_words").get<std::vector<std::uint32_t>>());
  EXPECT_EQ(std::vector(words.end() - 4, words.end()), expected.at("last_words").get<std::vector<std::uint32_t>>());
}

TEST(PythonRandom, SamplesEqualPythons) {
  for (const auto& entry : golden().at("samples")) {
    const auto expected = entry.at("sample").get<std::vector<std::int64_t>>();
    EXPECT_EQ(PythonRandom(entry.at("seed").get<std::uint64_t>())
                  .sample(entry.at("population").get<std::int64_t>(), static_cast<std::int64_t>(expected.size())),
              expected)
        << entry.at("seed") << " " << entry.at("population");
  }
}

TEST(PythonRandom, SelectsThePublishedChannels) {
  const auto small = PythonRandom(1024).sample(448, 100), large = PythonRandom(1024).sample(1792, 550);
  EXPECT_EQ(std::vector(small.begin(), small.begin() + 12),
            (std::vector<std::int64_t>{408, 9, 247, 435, 199, 165, 424, 405, 266, 51, 227, 262}));
  EXPECT_EQ(small.back(), 48);
  EXPECT_EQ(sum(small), 23181);
  EXPECT_EQ(std::vector(large.begin(), large.begin() + 12),
            (std::vector<std::int64_t>{1632, 39, 990, 1740, 797, 661, 1698, 1623, 1782, 1064, 205, 911}));
  EXPECT_EQ(large.back(), 1284);
  EXPECT_EQ(sum(large), 496188);
}

TEST(PythonRandom, SamplesAllOrNothing) {
  EXPECT_TRUE(PythonRandom(3).sample(5, 0).empty());
  EXPECT_EQ(sum(PythonRandom(3).sample(100, 100)), 4950);
}

}  // namespace
}  // namespace normadd::detectors
