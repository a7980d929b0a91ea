// SPDX-License-Identifier: Apache-2.0
// normadd cache: ls, verify, gc, rm on a cache of a few entries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "program_run.h"
#include "stages/entry_listing.h"
#include "stages/stage_cache.h"
#include "support/temporary_directory.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class CacheVerb : public ::testing::Test {
 protected:
  CacheVerb() {
    stages::StageCache cache({root_, std::nullopt, {}});
    for (int i = 0; i < 3; ++i) {
      cache.obtain(
          stages::StageKey(i < 2 ? "maps" : "fit", 1).with("number", std::to_string(i)).labelled("padim, carpet"),
          [&](const fs::path& folder) { core::write_file_atomically(folder / "file", std::string(2000, 'x')); },
          [](const fs::path&) {});
    }
  }
  Outcome cache(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "cache");
    arguments.insert(arguments.end(), {"--dir", root_.string()});
    return run_quietly(arguments);
  }
  std::size_t num_entries() const { return stages::list_entries(root_).size(); }

  const test::TemporaryDirectory directory_;
  const fs::path root_ = directory_ / "cache";
};

TEST_F(CacheVerb, ListsSumsEntriesAndJson) {
  EXPECT_THAT(cache({"ls"}).out, HasSubstr("6.0 kB"));
  EXPECT_THAT(cache({"ls", "--entries"}).out, HasSubstr("padim, carpet"));
  const auto json = nlohmann::json::parse(cache({"ls", "--json"}).out);
  ASSERT_EQ(json.size(), 3u);
  EXPECT_EQ(json[0]["stage"], "fit");
  EXPECT_EQ(json[0]["bytes"], 2000);
}

TEST_F(CacheVerb, VerifyFindsAndRemovesDamage) {
  EXPECT_EQ(cache({"verify"}).exit_code, 0);
  const auto entry = stages::list_entries(root_).front();
  core::write_file_atomically(entry.folder / "file", std::string(2000, 'y'));
  const auto found = cache({"verify"});
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_THAT(found.out, HasSubstr(entry.hash));
  EXPECT_EQ(num_entries(), 3u);
  EXPECT_EQ(cache({"verify", "--delete"}).exit_code, 1);
  EXPECT_EQ(num_entries(), 2u);
  EXPECT_EQ(cache({"verify"}).exit_code, 0);
}

TEST_F(CacheVerb, CollectsByAgeAndSize) {
  EXPECT_THAT(cache({"gc", "--older-than", "0s", "--dry-run"}).out, HasSubstr("Would remove 3 entries"));
  EXPECT_EQ(num_entries(), 3u);
  EXPECT_THAT(cache({"gc", "--older-than", "1h"}).out, HasSubstr("Removed 0 entries"));
  // Just used: a sweep may be at work on them.
  EXPECT_THAT(cache({"gc", "--max-gb", "0"}).out, HasSubstr("Removed 0 entries"));
  EXPECT_THAT(cache({"gc", "--older-than", "0s"}).out, HasSubstr("Removed 3 entries"));
  EXPECT_EQ(num_entries(), 0u);
}

TEST_F(CacheVerb, RemovesByStageOrHash) {
  EXPECT_THAT(cache({"rm", "maps"}).out, HasSubstr("Removed 2 entries"));
  const auto left = stages::list_entries(root_);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_THAT(cache({"rm", left.front().hash.substr(0, 8)}).out, HasSubstr("Removed 1 entries"));
}

TEST_F(CacheVerb, BadInputIsSaid) {
  expect_refusal({"cache", "ls", "--dir", (directory_ / "absent").string()}, {"absent", "cache.dir"});
  expect_refusal({"cache", "gc", "--dir", root_.string()}, {"--max-gb"});
  expect_refusal({"cache", "gc", "--older-than", "5x", "--dir", root_.string()}, {"5x", "30d"});
  expect_refusal({"cache", "rm", "map", "--dir", root_.string()}, {"'map'", "maps"});
  expect_refusal({"cache", "sl"}, {"cache sl", "ls"});
}

}  // namespace
}  // namespace normadd::tools
