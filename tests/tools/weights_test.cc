// SPDX-License-Identifier: Apache-2.0
// normadd weights, against a hub on this machine and with the environment that huggingface_hub's users have.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/hashing.h"
#include "support/http_server.h"
#include "support/temporary_directory.h"
#include "tools/program_run.h"

extern char** environ;

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;
using test::Answer;
using test::HttpServer;
using test::ServedRequest;
using test::TemporaryDirectory;
using ::testing::HasSubstr;
using ::testing::Not;

const fs::path kSource = NORMADD_SOURCE_DIR;

/// A variable of the environment until the end of the scope.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (old_) {
      ::setenv(name_, old_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

/// The program in a home of its own, whose one card's weights are the small ResNet, served by a hub.
class WeightsVerbTest : public ::testing::Test {
 protected:
  WeightsVerbTest()
      : bytes(core::read_file(kSource / "data/weights/micro_resnet/model.safetensors")),
        sha256(core::sha256_hex(bytes)),
        hub([this](const ServedRequest& request) { return answer(request); }),
        home("NORMADD_HOME", (directory / "home").string()),
        cache("HF_HUB_CACHE", (directory / "hub").string()),
        notes("XDG_CACHE_HOME", (directory / "notes").string()),
        endpoint("HF_ENDPOINT", hub.url()),
        token("HF_TOKEN", "s3cret"),
        offline("HF_HUB_OFFLINE", "0") {
    core::write_file_atomically(directory / "home/configs/config.yaml", "");
    core::write_file_atomically(
        directory / "home/data/weights/cards/micro.shipped.yaml",
        fmt::format("family: resnet\narchitecture: micro_resnet\nrepository: a/b\nrevision: \"{}\"\nfiles:\n"
                    "  model.safetensors: {{sha256: \"{}\", bytes: {}}}\nlicence: none\nsource: a test\n",
                    commit, sha256, bytes.size()));
  }

  Answer answer(const ServedRequest& request) const {
    if (request.path() != fmt::format("/a/b/resolve/{}/model.safetensors", commit)) return Answer{.status = 404};
    Answer found = test::file_answer(request, bytes, '"' + sha256 + '"');
    found.headers.emplace_back("X-Repo-Commit", commit);
    found.headers.emplace_back("X-Linked-ETag", '"' + sha256 + '"');
    if (request.method == "GET") {
      found.chunk_bytes = 100'000;
      found.chunk_pause_s = 0.02;
    }
    return found;
  }
  fs::path installed() const { return directory / ("hub/models--a--b/snapshots/" + commit) / "model.safetensors"; }

  const std::string commit = std::string(40, 'e');
  const std::string bytes, sha256;
  TemporaryDirectory directory;
  HttpServer hub;
  Variable home, cache, notes, endpoint, token, offline;
};

TEST_F(WeightsVerbTest, ListFetchVerifyInspect) {
  EXPECT_THAT(run_quietly({"weights", "list"}).out, HasSubstr("micro.shipped"));
  auto list = nlohmann::json::parse(run_quietly({"weights", "list", "--json"}).out);
  EXPECT_EQ(list[0]["cached"], "no");

  const Outcome fetched = run_quietly({"weights", "fetch", "micro.shipped"});
  ASSERT_EQ(fetched.exit_code, 0) << fetched.error;
  EXPECT_THAT(fetched.out, HasSubstr(installed().string()));
  EXPECT_THAT(fetched.out, HasSubstr("backbone=micro_resnet backbone.weights=micro.shipped"));
  EXPECT_EQ(core::read_file(installed()), bytes);
  EXPECT_EQ(hub.requests().at(0).header("authorization"), "Bearer s3cret");

  list = nlohmann::json::parse(run_quietly({"weights", "list", "--verify", "--json"}).out);
  EXPECT_EQ(list[0]["cached"], "verified");
  EXPECT_EQ(list[0]["path"], installed().string());

  const auto inspected = nlohmann::json::parse(run_quietly({"weights", "inspect", "micro.shipped", "--json"}).out);
  EXPECT_EQ(inspected["network"], "micro_resnet");
  EXPECT_EQ(inspected["sha256"], sha256);
  EXPECT_EQ(inspected["card"], "micro.shipped");
  EXPECT_EQ(inspected["dtypes"]["F16"], 77);

  EXPECT_THAT(run_quietly({"weights", "fetch", "micro.shipped"}).out, HasSubstr("was there already"));
}

TEST_F(WeightsVerbTest, OfflineByFlagAndByEnvironment) {
  expect_refusal({"weights", "fetch", "micro.shipped", "--offline"}, {"a/b/model.safetensors", "HF_HUB_OFFLINE"});
  const Variable really("HF_HUB_OFFLINE", "true");
  expect_refusal({"weights", "fetch", "micro.shipped"}, {"HF_HUB_OFFLINE"});
  EXPECT_TRUE(hub.requests().empty());
}

TEST_F(WeightsVerbTest, RefusesWithAName) {
  expect_refusal({"weights", "fetch", "micro.shiped"}, {"micro.shiped", "micro.shipped"});
  expect_refusal({"weights", "fetch"}, {"weights list"});
  expect_refusal({"weights", "fech"}, {"fetch"});
  expect_refusal({"weights", "inspect", "micro.shipped"}, {"normadd weights fetch micro.shipped"});
  expect_refusal({"weights", "inspect", "/nowhere.safetensors"}, {"/nowhere.safetensors"});
  expect_refusal({"weights", "fetch", "micro.shipped", "--endpoint", "ftp://hub"}, {"ftp://hub", "https"});
  expect_refusal(
      {"weights", "fetch", "micro.shipped", "--endpoint", fmt::format("http://127.0.0.1:{}", test::unused_port())},
      {"cannot be reached"});
  expect_refusal({"weights", "fetch", "micro.shipped", "--revision", "other"}, {"404"});
  core::write_file_atomically(directory / "net.pth", std::string("PK\x03\x04", 4) + "archive/data.pkl");
  expect_refusal({"weights", "inspect", (directory / "net.pth").string()}, {"net.pth", "pickle", "python -c"});
  EXPECT_FALSE(fs::exists(directory / "hub"));
}

TEST_F(WeightsVerbTest, NoMessageShowsTheToken) {
  const Variable secret("HF_TOKEN", "hf_verysecret");
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"weights", "fetch", "micro.shipped", "--revision", "other"},
           {"weights", "fetch", "micro.shipped", "--endpoint", fmt::format("http://127.0.0.1:{}", test::unused_port())},
           {"weights", "fetch", "micro.shipped"}}) {
    const Outcome outcome = run_quietly(arguments);
    EXPECT_THAT(outcome.out + outcome.error, Not(HasSubstr("verysecret")));
  }
}

TEST_F(WeightsVerbTest, TheCacheIsWhereItsUsersSay) {
  const auto cache_line = [] {
    const std::string out = run_quietly({"weights", "list"}).out;
    const auto begin = out.find("Cache: ") + 7;
    return out.substr(begin, out.find('\n', begin) - begin);
  };
  EXPECT_EQ(cache_line(), (directory / "hub").string());
  const Variable none("HF_HUB_CACHE", ""), legacy("HUGGINGFACE_HUB_CACHE", ""), user("HOME", "/users/me");
  {
    const Variable hf_home("HF_HOME", "~/hf");
    EXPECT_EQ(cache_line(), "/users/me/hf/hub");
  }
  const Variable no_home("HF_HOME", "");
  EXPECT_EQ(cache_line(), (directory / "notes/huggingface/hub").string());
  const Variable no_xdg("XDG_CACHE_HOME", "");
  EXPECT_EQ(cache_line(), "/users/me/.cache/huggingface/hub");
}

TEST_F(WeightsVerbTest, TwoProcessesAtOnceGetTheBytesOnce) {
  std::vector<pid_t> children;
  for (int i = 0; i < 2; ++i) {
    std::vector<std::string> words{NORMADD_PROGRAM, "weights", "fetch", "micro.shipped", "--quiet", "--json"};
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    ASSERT_EQ(::posix_spawn(&child, NORMADD_PROGRAM, &actions, nullptr, arguments.data(), environ), 0);
    ::posix_spawn_file_actions_destroy(&actions);
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  std::size_t downloads = 0;
  for (const auto& request : hub.requests()) downloads += request.method == "GET" ? 1 : 0;
  EXPECT_EQ(downloads, 1u);
  EXPECT_EQ(core::read_file(installed()), bytes);
}

}  // namespace
}  // namespace normadd::tools
