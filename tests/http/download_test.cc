// SPDX-License-Identifier: Apache-2.0
// Downloads against a real server that cuts, stalls, changes and lies.
#include "http/download.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "core/atomic_file.h"
#include "core/hashing.h"
#include "core/random.h"
#include "support/expect_error.h"
#include "support/http_server.h"
#include "support/small_disk.h"
#include "support/temporary_directory.h"

namespace normadd::http {
namespace {

namespace fs = std::filesystem;
using test::Answer;
using test::expect_error;
using test::file_answer;
using test::HttpServer;
using test::ServedRequest;
using test::TemporaryDirectory;
using ::testing::HasSubstr;

std::string random_bytes(std::size_t size) {
  core::RandomStream random(7, "download");
  std::string bytes(size, '\0');
  for (auto& byte : bytes) byte = static_cast<char>(random.index(256));
  return bytes;
}

const std::string& bytes_served() {
  static const std::string bytes = random_bytes(300'000);
  return bytes;
}

/// Quick retries; the right hash.
Download to(const fs::path& target, const std::string& url) {
  Download download;
  download.request.url = url;
  download.target = target;
  download.sha256 = core::sha256_hex(bytes_served());
  download.attempts = 3;
  download.first_pause_s = 0.01;
  return download;
}

fs::path partial(const fs::path& target) { return target.string() + ".partial"; }

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator{}));
}

TEST(Download, ArrivesWholeAndLeavesNothingElse) {
  const TemporaryDirectory directory;
  HttpServer server([](const ServedRequest& request) { return file_answer(request, bytes_served(), "\"v1\""); });
  const Downloaded result = download(to(directory / "a" / "file", server.url() + "/f"));
  EXPECT_EQ(core::read_file(directory / "a/file"), bytes_served());
  EXPECT_EQ(result.bytes, bytes_served().size());
  EXPECT_EQ(result.sha256, core::sha256_hex(bytes_served()));
  EXPECT_EQ(files_in(directory / "a"), 1u);
  // Compressed bytes would have another hash and no ranges.
  EXPECT_EQ(server.requests().at(0).header("accept-encoding"), "");
}

TEST(Download, CutConnectionsAreContinuedWithOnlyTheMissingBytes) {
  const TemporaryDirectory directory;
  HttpServer server([](const ServedRequest& request) {
    Answer answer = file_answer(request, bytes_served(), "\"v1\"");
    answer.cut_after = 120'000;
    return answer;
  });
  download(to(directory / "file", server.url() + "/f"));
  EXPECT_EQ(core::read_file(directory / "file"), bytes_served());
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].header("range"), "");
  EXPECT_EQ(requests[1].header("range"), "bytes=120000-");
  EXPECT_EQ(requests[1].header("if-range"), "\"v1\"");
  EXPECT_EQ(requests[2].header("range"), "bytes=240000-");
}

TEST(Download, AnotherCallGoesOnWhereTheLastOneEnded) {
  const TemporaryDirectory directory;
  std::atomic<bool> broken{true};
  HttpServer server([&](const ServedRequest& request) {
    Answer answer = file_answer(request, bytes_served(), "\"v1\"");
    if (broken) answer.cut_after = 100'000;
    return answer;
  });
  Download wanted = to(directory / "file", server.url() + "/f");
  wanted.attempts = 1;
  EXPECT_THROW(download(wanted), Unreachable);
  EXPECT_FALSE(fs::exists(directory / "file"));
  EXPECT_EQ(fs::file_size(partial(directory / "file")), 100'000u);
  broken = false;
  EXPECT_EQ(download(wanted).resumed_from, 100'000u);
  EXPECT_EQ(server.requests().back().header("range"), "bytes=100000-");
  EXPECT_EQ(core::read_file(directory / "file"), bytes_served());
  EXPECT_EQ(files_in(directory.path()), 1u);
}

TEST(Download, WithoutHashAndVersionNothingIsContinued) {
  const TemporaryDirectory directory;
  HttpServer server([](const ServedRequest& request) { return file_answer(request, bytes_served()); });
  Download wanted = to(directory / "file", server.url() + "/f");
  wanted.sha256.clear();
  core::write_file_atomically(partial(wanted.target), "bytes of who knows what");
  download(wanted);
  EXPECT_EQ(server.requests().at(0).header("range"), "");
  EXPECT_EQ(core::read_file(wanted.target), bytes_served());
}

TEST(Download, AServerThatIgnoresRangeSendsAllAgain) {
  const TemporaryDirectory directory;
  std::atomic<int> calls{0};
  HttpServer server([&](const ServedRequest&) {
    Answer answer{.body = bytes_served()};
    if (++calls == 1) answer.cut_after = 250'000;
    return answer;
  });
  download(to(directory / "file", server.url() + "/f"));
  EXPECT_EQ(core::read_file(directory / "file"), bytes_served());
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST(Download, AnotherVersionStartsAnew) {
  const TemporaryDirectory directory;
  HttpServer server([](const ServedRequest& request) { return file_answer(request, bytes_served(), "\"v2\""); });
  Download wanted = to(directory / "file", server.url() + "/f");
  core::write_file_atomically(partial(wanted.target), std::string(1000, 'o'));
  core::write_file_atomically(partial(wanted.target).string() + ".etag", "\"v1\"");
  download(wanted);
  EXPECT_EQ(server.requests().at(0).header("if-range"), "\"v1\"");
  EXPECT_EQ(core::read_file(wanted.target), bytes_served());
  EXPECT_EQ(files_in(directory.path()), 1u);
}

TEST(Download, APartialFileOfOtherBytesIsThrownAwayOnce) {
  const TemporaryDirectory directory;
  HttpServer server([](const ServedRequest& request) { return file_answer(request, bytes_served()); });
  Download wanted = to(directory / "file", server.url() + "/f");
  core::write_file_atomically(partial(wanted.target), std::string(1000, 'o'));
  EXPECT_EQ(download(wanted).resumed_from, 0u);
  EXPECT_EQ(core::read_file(wanted.target), bytes_served());
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST(Download, APartialFileLongerThanTheFileStartsAnew) {
  const TemporaryDirectory directory;
  HttpServer server([](const ServedRequest& request) { return file_answer(request, bytes_served()); });
  Download wanted = to(directory / "file", server.url() + "/f");
  core::write_file_atomically(partial(wanted.target), bytes_served() + "more");
  download(wanted);
  EXPECT_EQ(core::read_file(wanted.target), bytes_served());
  // All bytes were there, only the name was missing: nothing is sent again.
  core::write_file_atomically(partial(wanted.target), bytes_served());
  const auto before = server.requests().size();
  download(wanted);
  EXPECT_EQ(server.requests().size(), before + 1);
}

TEST(Download, AWrongHashLeavesNothing) {
  const TemporaryDirectory directory;
  HttpServer server([](const ServedRequest& request) { return file_answer(request, bytes_served(), "\"v1\""); });
  Download wanted = to(directory / "file", server.url() + "/f");
  wanted.sha256 = std::string(64, '0');
  expect_error<core::DataError>([&] { download(wanted); },
                                {"/f", std::string(64, '0'), core::sha256_hex(bytes_served())});
  EXPECT_TRUE(fs::is_empty(directory.path()));
}

TEST(Download, AWrongSizeIsNoticedBeforeTheBytesCome) {
  const TemporaryDirectory directory;
  HttpServer server([](const ServedRequest& request) {
    Answer answer = file_answer(request, bytes_served());
    answer.send_content_length = request.path() != "/unsaid";
    return answer;
  });
  Download wanted = to(directory / "file", server.url() + "/f");
  wanted.bytes = 299'999;
  expect_error<core::DataError>([&] { download(wanted); }, {"300000", "299999"});
  wanted.request.url = server.url() + "/unsaid";
  expect_error<core::DataError>([&] { download(wanted); }, {"more than the 299999"});
  EXPECT_TRUE(fs::is_empty(directory.path()));
}

TEST(Download, StatusesThatNoSecondAttemptChangesEndIt) {
  const TemporaryDirectory directory;
  for (const int status : {400, 401, 403, 404}) {
    HttpServer server([&](const ServedRequest&) { return Answer{.status = status, .body = "a page, not the file"}; });
    try {
      download(to(directory / "file", server.url() + "/f"));
      FAIL() << status;
    } catch (const Refused& error) {
      EXPECT_EQ(error.status(), status);
      EXPECT_THAT(error.what(), HasSubstr(std::to_string(status)));
      EXPECT_EQ(error.exit_code(), 2);
    }
    EXPECT_EQ(server.requests().size(), 1u);
    EXPECT_TRUE(fs::is_empty(directory.path()));
  }
}

TEST(Download, BusyServersAreAskedAgainAsLateAsTheyWish) {
  const TemporaryDirectory directory;
  std::atomic<int> calls{0};
  HttpServer server([&](const ServedRequest& request) {
    ++calls;
    if (calls == 1) return Answer{.status = 429, .headers = {{"Retry-After", "0"}}};
    if (calls == 2) return Answer{.status = 503, .headers = {{"Retry-After", "100000"}}};
    return file_answer(request, bytes_served());
  });
  Download wanted = to(directory / "file", server.url() + "/f");
  wanted.first_pause_s = 1000;  // unless Retry-After counts, this test never ends
  wanted.longest_pause_s = 0.05;
  download(wanted);
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST(Download, BusyServersAreNotAskedForEver) {
  const TemporaryDirectory directory;
  HttpServer server([](const ServedRequest&) { return Answer{.status = 500}; });
  EXPECT_THROW(download(to(directory / "file", server.url() + "/f")), Refused);
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST(Download, AStalledServerIsLeftAndTheRestFetched) {
  const TemporaryDirectory directory;
  std::atomic<int> calls{0};
  HttpServer server([&](const ServedRequest& request) {
    Answer answer = file_answer(request, bytes_served(), "\"v1\"");
    if (++calls == 1) answer.hang_after = 1000;
    return answer;
  });
  Download wanted = to(directory / "file", server.url() + "/f");
  wanted.request.stall_timeout_s = 0.2;
  download(wanted);
  EXPECT_EQ(server.requests().at(1).header("range"), "bytes=1000-");
  EXPECT_EQ(core::read_file(directory / "file"), bytes_served());
}

TEST(Download, ARangeThatWasNotAskedForIsRefused) {
  const TemporaryDirectory directory;
  HttpServer server([](const ServedRequest&) {
    return Answer{.status = 206, .headers = {{"Content-Range", "bytes 0-2/300000"}}, .body = "abc"};
  });
  Download wanted = to(directory / "file", server.url() + "/f");
  core::write_file_atomically(partial(wanted.target), std::string(1000, 'o'));
  expect_error<Unreachable>([&] { download(wanted); }, {"1000", "bytes 0-2/300000"});
}

TEST(Download, NobodyListeningIsSaidAtOnce) {
  const TemporaryDirectory directory;
  Download wanted = to(directory / "file", fmt::format("http://127.0.0.1:{}/f", test::unused_port()));
  wanted.first_pause_s = 1000;
  EXPECT_THROW(download(wanted), Unreachable);
  EXPECT_TRUE(fs::is_empty(directory.path()));
}

TEST(Download, OneProcessAtATime) {
  const TemporaryDirectory directory;
  Download wanted = to(directory / "file", "");
  HttpServer server([&](const ServedRequest& request) {
    if (request.path() == "/f") {
      // While the first download runs, a second one of the same file does not disturb it.
      Download second = wanted;
      second.request.url = server.url() + "/second";
      expect_error<core::OutputError>([&] { download(second); }, {"another process", "file.partial"});
    }
    return file_answer(request, bytes_served());
  });
  wanted.request.url = server.url() + "/f";
  download(wanted);
  EXPECT_EQ(server.count("/second"), 0u);
  EXPECT_EQ(core::read_file(directory / "file"), bytes_served());
}

TEST(Download, AFullDiskKeepsWhatIsThere) {
  const TemporaryDirectory directory;
  HttpServer server([](const ServedRequest& request) {
    Answer answer = file_answer(request, bytes_served(), "\"v1\"");
    answer.send_content_length = request.path() != "/unsaid";
    return answer;
  });
  const test::SmallDisk disk(directory / "disk", "128k");
  if (disk.error() != 0) GTEST_SKIP() << "mounting needs root";
  expect_error<core::OutputError>([&] { download(to(directory / "disk/file", server.url() + "/said")); },
                                  {"300000 bytes are still to come", "Free some space"});
  expect_error<core::OutputError>([&] { download(to(directory / "disk/file", server.url() + "/unsaid")); },
                                  {"No space left", "Free some space", "are kept"});
  EXPECT_FALSE(fs::exists(directory / "disk/file"));
  EXPECT_GT(fs::file_size(partial(directory / "disk/file")), 50'000u);
}

}  // namespace
}  // namespace normadd::http
