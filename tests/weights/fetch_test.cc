// SPDX-License-Identifier: Apache-2.0
// Downloads from a real server that answers as the hub does, good and bad.
#include "weights/fetch.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "core/atomic_file.h"
#include "core/hashing.h"
#include "core/random.h"
#include "http/download.h"
#include "support/expect_error.h"
#include "support/small_disk.h"
#include "weights/hub_cache.h"
#include "weights/small_hub.h"

namespace normadd::weights {
namespace {

namespace fs = std::filesystem;
using test::Answer;
using test::expect_error;
using test::ServedRequest;

std::string random_bytes(const std::string& name, std::size_t size) {
  core::RandomStream random(3, name);
  std::string bytes(size, '\0');
  for (auto& byte : bytes) byte = static_cast<char>(random.index(256));
  return bytes;
}

class FetchTest : public ::testing::Test {
 protected:
  FetchTest() : bytes(random_bytes("weights", 200'000)), sha256(core::sha256_hex(bytes)) {
    hub.files["model.safetensors"] = bytes;
    hub.files["config.json"] = "{\"small\": true}";
    small.write_card(
        "net.set", "resnet", "resnet18", '"' + hub.commit + '"',
        fmt::format("  model.safetensors: {{sha256: \"{}\", bytes: 200000}}\n  config.json: {{}}", sha256));
    small.write_card("net.loose", "resnet", "resnet18", "null", "  model.safetensors: {}");
  }

  Fetched fetch_card(const std::string& name, const FetchRequest& request = {}) {
    return fetch(Catalogue::read(small.places).get(name), request, hub.hub(), small.places);
  }
  fs::path repository() const { return HubCache(small.places.hub_cache).repository(SmallHub::kRepository); }
  fs::path blob() const { return repository() / "blobs" / sha256; }

  SmallHub hub;
  SmallPlaces small;
  std::string bytes, sha256;
};

TEST_F(FetchTest, LeavesTheCacheAsHuggingfaceHubDoes) {
  const Fetched fetched = fetch_card("net.set");
  EXPECT_EQ(fetched.commit, hub.commit);
  EXPECT_EQ(fetched.sha256, sha256);
  EXPECT_FALSE(fetched.was_there);
  EXPECT_EQ(repository().filename(), "models--owner--small_network");
  EXPECT_EQ(fetched.weights, repository() / "snapshots" / hub.commit / "model.safetensors");
  EXPECT_EQ(fs::read_symlink(fetched.weights), "../../blobs/" + sha256);
  EXPECT_EQ(core::read_file(fetched.weights), bytes);
  // A small file's blob is called by its name in Git.
  const fs::path config = fetched.folder / "config.json";
  EXPECT_EQ(fs::read_symlink(config), "../../blobs/" + git_sha1("{\"small\": true}"));
  EXPECT_EQ(core::read_file(config), "{\"small\": true}");
  EXPECT_TRUE(fs::exists(small.places.hub_cache / ".locks/models--owner--small_network" / (sha256 + ".lock")));
  // The commit was asked for, not main.
  EXPECT_FALSE(fs::exists(repository() / "refs"));
  EXPECT_EQ(std::distance(fs::directory_iterator(repository() / "blobs"), fs::directory_iterator{}), 2);
}

TEST_F(FetchTest, ABranchIsNoted) {
  fetch_card("net.set", {.revision = "main"});
  EXPECT_EQ(core::read_file(repository() / "refs/main"), hub.commit);
}

TEST_F(FetchTest, WhatIsThereIsNotFetchedAgain) {
  fetch_card("net.set");
  const auto before = hub.bytes_server().requests().size();
  EXPECT_TRUE(fetch_card("net.set").was_there);
  EXPECT_EQ(hub.bytes_server().requests().size(), before);
}

TEST_F(FetchTest, DamageIsRepaired) {
  fetch_card("net.set");
  {
    std::fstream stream(blob(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(100);
    stream.put(static_cast<char>(bytes[100] + 1));
  }
  EXPECT_FALSE(fetch_card("net.set").was_there);
  EXPECT_EQ(core::read_file(blob()), bytes);
}

TEST_F(FetchTest, AnInterruptedDownloadGoesOn) {
  std::atomic<int> calls{0};
  hub.spoil = [&](const ServedRequest&, Answer& answer) {
    if (++calls == 1) answer.cut_after = 150'000;
  };
  fetch_card("net.set");
  const auto requests = hub.bytes_server().requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[1].header("range"), "bytes=150000-");
  EXPECT_EQ(core::read_file(blob()), bytes);
}

TEST_F(FetchTest, AWrongHashInstallsNothing) {
  hub.spoil = [&](const ServedRequest&, Answer& answer) { answer.body[5] = static_cast<char>(answer.body[5] + 1); };
  expect_error<core::DataError>([&] { fetch_card("net.set"); }, {sha256, "Nothing was kept"});
  EXPECT_FALSE(fs::exists(blob()));
  EXPECT_FALSE(fs::exists(repository() / "snapshots"));
  EXPECT_TRUE(fs::is_empty(repository() / "blobs"));
}

TEST_F(FetchTest, AnotherFileAtTheRevisionIsRefusedBeforeItsBytesCome) {
  hub.files["model.safetensors"] = random_bytes("other", 200'000);
  expect_error<core::DataError>([&] { fetch_card("net.set"); }, {sha256, "another file"});
  EXPECT_TRUE(hub.bytes_server().requests().empty());
  EXPECT_FALSE(fs::exists(repository()));
}

TEST_F(FetchTest, SmallFilesThatAProxyChangedAreRefused) {
  hub.files["model.safetensors"] = "small";
  small.write_card("net.tiny", "resnet", "resnet18", "null", "  model.safetensors: {}");
  // An ETag that the bytes do not have, with the right length.
  test::HttpServer liar([&](const ServedRequest&) {
    return Answer{.headers = {{"X-Repo-Commit", hub.commit}, {"ETag", '"' + git_sha1("other") + '"'}}, .body = "small"};
  });
  Hub false_hub;
  false_hub.endpoint = liar.url();
  expect_error<core::DataError>(
      [&] {
        fetch(Catalogue::read(small.places).get("net.tiny"), {.trust_first_download = true}, false_hub, small.places);
      },
      {"not those that the hub names"});
  EXPECT_FALSE(fs::exists(repository() / "snapshots"));
}

TEST_F(FetchTest, WhatIsNotThereSaysSo) {
  hub.files.erase("model.safetensors");
  expect_error<http::Refused>([&] { fetch_card("net.set"); }, {"404", "HF_ENDPOINT", "model.safetensors"});
}

TEST_F(FetchTest, ADescriptionThatIsNotThereIsNoObstacle) {
  hub.files.erase("config.json");
  const Fetched fetched = fetch_card("net.set");
  EXPECT_TRUE(fs::exists(fetched.weights));
  EXPECT_FALSE(fs::exists(fetched.folder / "config.json"));
}

TEST_F(FetchTest, TheTokenStaysWithTheHub) {
  hub.needs_token = true;
  expect_error<http::Refused>([&] { fetch_card("net.set"); }, {"401", "HF_TOKEN"});
  Hub with_token = hub.hub();
  with_token.token = "s3cret";
  fetch(Catalogue::read(small.places).get("net.set"), {}, with_token, small.places);
  EXPECT_EQ(hub.server().requests().back().header("authorization"), "Bearer s3cret");
  ASSERT_FALSE(hub.bytes_server().requests().empty());
  for (const auto& request : hub.bytes_server().requests()) EXPECT_EQ(request.header("authorization"), "");
}

TEST_F(FetchTest, ARenamedRepositoryIsFollowedAtHome) {
  test::HttpServer renamed([&](const ServedRequest& request) {
    return test::redirect_answer(307, hub.url() + request.target);  // to another port: not at home
  });
  Hub elsewhere;
  elsewhere.endpoint = renamed.url();
  expect_error<core::DataError>(
      [&] { fetch(Catalogue::read(small.places).get("net.set"), {}, elsewhere, small.places); }, {"not a hub"});

  test::HttpServer home([&](const ServedRequest& request) {
    if (request.path().starts_with("/owner/")) return test::redirect_answer(307, "/new" + request.target);
    Answer answer{.headers = {{"X-Repo-Commit", hub.commit}, {"X-Linked-ETag", '"' + sha256 + '"'}}, .body = bytes};
    return answer;
  });
  elsewhere.endpoint = home.url() + "/";
  EXPECT_EQ(fetch(Catalogue::read(small.places).get("net.set"), {}, elsewhere, small.places).sha256, sha256);
}

TEST_F(FetchTest, OfflineAsksNobody) {
  Hub offline = hub.hub();
  offline.offline = true;
  expect_error<core::ConfigError>(
      [&] { fetch(Catalogue::read(small.places).get("net.set"), {}, offline, small.places); }, {"HF_HUB_OFFLINE"});
  EXPECT_TRUE(hub.server().requests().empty());
}

TEST_F(FetchTest, AnUnpinnedCardIsNeverTrustedSilently) {
  expect_error<core::ConfigError>([&] { fetch_card("net.loose"); }, {"not pinned", "--trust-first-download"});
  EXPECT_TRUE(hub.server().requests().empty());
  expect_error<core::ConfigError>([&] { fetch_card("net.loose", {.sha256 = "abc"}); }, {"abc"});
  expect_error<core::DataError>([&] { fetch_card("net.loose", {.sha256 = std::string(64, '0')}); }, {sha256});
  EXPECT_FALSE(Catalogue::read(small.places).get("net.loose").is_pinned());

  EXPECT_EQ(fetch_card("net.loose", {.trust_first_download = true}).sha256, sha256);
  EXPECT_EQ(core::read_file(repository() / "refs/main"), hub.commit);
  // From now on it must be the same.
  hub.commit = std::string(40, 'b');
  hub.files["model.safetensors"] = random_bytes("newer", 200'000);
  fs::remove_all(repository());
  expect_error<http::Refused>([&] { fetch_card("net.loose", {.trust_first_download = true}); }, {"404"});
  expect_error<core::DataError>([&] { fetch_card("net.loose", {.revision = "main", .trust_first_download = true}); },
                                {sha256, "another file"});
}

TEST_F(FetchTest, AHashThatContradictsTheCardIsRefused) {
  expect_error<core::ConfigError>([&] { fetch_card("net.set", {.sha256 = std::string(64, '0')}); },
                                  {"net.set", sha256});
}

TEST_F(FetchTest, AFolderGetsPlainFiles) {
  const Fetched fetched = fetch_card("net.set", {.folder = small.directory / "plain"});
  EXPECT_EQ(fetched.weights, small.directory / "plain/model.safetensors");
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(fetched.weights)));
  EXPECT_TRUE(fs::exists(small.directory / "plain/config.json"));
  EXPECT_EQ(std::distance(fs::directory_iterator(small.directory / "plain"), fs::directory_iterator{}), 2);
  EXPECT_FALSE(fs::exists(small.places.hub_cache));
}

TEST_F(FetchTest, TwoAtOnceGetTheBytesOnce) {
  hub.spoil = [](const ServedRequest&, Answer& answer) {
    answer.chunk_bytes = 20'000;
    answer.chunk_pause_s = 0.03;
  };
  std::vector<std::thread> workers;
  std::atomic<int> right{0};
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      if (fetch_card("net.set").sha256 == sha256) ++right;
    });
  }
  for (auto& worker : workers) worker.join();
  EXPECT_EQ(right, 4);
  EXPECT_EQ(hub.bytes_server().requests().size(), 1u);
  EXPECT_EQ(core::read_file(blob()), bytes);
}

TEST_F(FetchTest, AFullDiskIsSaidBeforeTheBytesCome) {
  const test::SmallDisk disk(small.directory / "disk", "100k");
  if (disk.error() != 0) GTEST_SKIP() << "mounting needs root";
  small.places.hub_cache = small.directory / "disk/hub";
  expect_error<core::OutputError>([&] { fetch_card("net.set"); }, {"200000 bytes", "Free some space"});
  EXPECT_FALSE(fs::exists(blob()));
}

TEST_F(FetchTest, WhatIsNoHubIsNamed) {
  test::HttpServer plain([](const ServedRequest&) { return Answer{.body = "hello"}; });
  Hub wrong;
  wrong.endpoint = plain.url();
  expect_error<core::DataError>([&] { fetch(Catalogue::read(small.places).get("net.set"), {}, wrong, small.places); },
                                {"not a hub", "HF_ENDPOINT"});
  // A blob must not be called what a server likes.
  test::HttpServer hostile([&](const ServedRequest&) {
    return Answer{.headers = {{"X-Repo-Commit", hub.commit}, {"X-Linked-ETag", "\"../../../escape\""}}, .body = bytes};
  });
  wrong.endpoint = hostile.url();
  expect_error<core::DataError>([&] { fetch(Catalogue::read(small.places).get("net.set"), {}, wrong, small.places); },
                                {"../../../escape"});
  EXPECT_FALSE(fs::exists(small.directory / "escape"));
}

}  // namespace
}  // namespace normadd::weights
