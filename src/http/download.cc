// SPDX-License-Identifier: Apache-2.0
#include "http/download.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>
#include <memory>
#include <thread>

#include "core/interruption.h"
#include "core/log.h"
#include "core/progress.h"
#include "http/partial_file.h"
#include "http/transfer.h"

namespace normadd::http {
namespace {

constexpr double kMegabyte = 1e6;
// An attempt that brings as much counts as a success, so that a large file survives any number of cuts.
constexpr std::uint64_t kWorthwhileBytes = 1'000'000;

std::string header(const Response& response, const char* name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? "" : found->second;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// "bytes 100-199/200", "bytes */200"; total unset when it is "*".
struct ContentRange {
  std::optional<std::uint64_t> begin, total;
};

ContentRange content_range(const std::string& text) {
  ContentRange range;
  const auto slash = text.find('/');
  if (!text.starts_with("bytes ") || slash == std::string::npos) return range;
  const std::string_view view(text);
  range.total = whole_number(view.substr(slash + 1));
  range.begin = whole_number(view.substr(6, std::min(text.find('-'), slash) - 6));
  return range;
}

/// Only a strong one says that two answers are parts of the same bytes.
std::string strong_etag(const Response& response) {
  const std::string etag = header(response, "etag");
  return etag.starts_with('"') ? etag : "";
}

std::optional<double> asked_pause_s(const Response& response) {
  const std::string text = header(response, "retry-after");
  if (text.empty()) return {};
  if (const auto seconds = whole_number(text)) return static_cast<double>(*seconds);
  const std::time_t when = curl_getdate(text.c_str(), nullptr);
  if (when < 0) return {};
  return std::max(0.0, std::difftime(when, std::time(nullptr)));
}

bool worth_another_attempt(int status) { return status == 408 || status == 429 || status >= 500; }

void pause(double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  while (Clock::now() < end) {
    core::stop_if_interrupted();
    std::this_thread::sleep_for(std::min<Clock::duration>(end - Clock::now(), std::chrono::milliseconds(50)));
  }
}

/// Progress in megabytes; a resumed file counts only what is still to come, for the sake of the ETA.
class ByteProgress {
 public:
  ByteProgress(const std::string& label, std::uint64_t bytes)
      : progress_(label + " MB", static_cast<std::size_t>(std::ceil(static_cast<double>(bytes) / kMegabyte))) {}
  void advance(std::size_t bytes) {
    done_ += static_cast<double>(bytes) / kMegabyte;
    const auto steps = static_cast<std::size_t>(done_);
    progress_.advance(steps - shown_);
    shown_ = steps;
  }

 private:
  core::Progress progress_;
  double done_ = 0;
  std::size_t shown_ = 0;
};

enum class Outcome { kComplete, kShort, kAskAgain };

/// One request: continues or restarts the partial file. kShort: the body ended early; kAskAgain: the server has no such
/// range, and the partial file is empty now.
class Attempt {
 public:
  Attempt(const Download& download, PartialFile& file) : download_(download), file_(file) {}

  Outcome run() {
    Request request = download_.request;
    request.timeout_s = 0;
    const bool resumable = file_.size() > 0 && (!file_.version().empty() || !download_.sha256.empty());
    if (file_.size() > 0 && !resumable) file_.restart("");
    if (resumable) {
      request.headers.emplace_back("Range", fmt::format("bytes={}-", file_.size()));
      if (!file_.version().empty()) request.headers.emplace_back("If-Range", file_.version());
    }
    const Receiver receiver{
        .on_headers = [this](const Response& response) { begin(response); },
        .on_bytes = [this](const char* bytes, std::size_t size) { take(bytes, size); },
    };
    response_ = transfer(request, receiver, false);
    if (response_.status == 416) return after_unknown_range();
    if (!wanted_) return Outcome::kShort;
    progress_.reset();
    return !total_ || file_.size() >= *total_ ? Outcome::kComplete : Outcome::kShort;
  }

  const Response& response() const { return response_; }

 private:
  void begin(const Response& response) {
    wanted_ = response.status == 200 || response.status == 206;
    if (!wanted_) return;
    total_ = download_.bytes;
    if (response.status == 206) {
      continue_after(response);
    } else {
      if (const auto length = whole_number(header(response, "content-length"))) expect_total(*length);
      file_.restart(strong_etag(response));
    }
    if (!total_ || *total_ < file_.size()) return;
    const std::uint64_t left = *total_ - file_.size();
    file_.expect_room_for(left);
    const std::string label = download_.label.empty() ? download_.target.filename().string() : download_.label;
    progress_ = std::make_unique<ByteProgress>(label, left);
  }

  void continue_after(const Response& response) {
    const ContentRange range = content_range(header(response, "content-range"));
    if (range.begin != file_.size()) {
      throw Unreachable(Unreachable::Cause::kMalformed,
                        fmt::format("asked for bytes from {} on, the server sent '{}'", file_.size(),
                                    header(response, "content-range")),
                        download_.request.url, "Remove the .partial file and run the command again.");
    }
    const std::string etag = strong_etag(response);
    if (!file_.version().empty() && !etag.empty() && etag != file_.version()) {
      file_.restart("");
      throw Unreachable(Unreachable::Cause::kCutOff, "the file changed while it was downloaded", download_.request.url,
                        "Run the command again.");
    }
    if (range.total) expect_total(*range.total);
  }

  void expect_total(std::uint64_t total) {
    if (download_.bytes && *download_.bytes != total) {
      const std::uint64_t expected = *download_.bytes;
      file_.restart("");
      throw core::DataError(fmt::format("the server's file has {} bytes where {} are expected", total, expected),
                            public_url(download_.request.url),
                            "It is another file or revision: check the address and the revision.");
    }
    total_ = total;
  }

  void take(const char* bytes, std::size_t size) {
    if (!wanted_) return;
    if (total_ && file_.size() + size > *total_) {
      file_.restart("");
      throw core::DataError(fmt::format("the server sends more than the {} bytes that are expected", *total_),
                            public_url(download_.request.url), "It is another file: check the address.");
    }
    file_.append(bytes, size);
    if (progress_) progress_->advance(size);
  }

  Outcome after_unknown_range() {
    const auto total = content_range(header(response_, "content-range")).total;
    if (total && *total == file_.size() && file_.size() > 0) return Outcome::kComplete;
    file_.restart("");
    return Outcome::kAskAgain;
  }

  const Download& download_;
  PartialFile& file_;
  Response response_;
  bool wanted_ = false;
  std::optional<std::uint64_t> total_;
  std::unique_ptr<ByteProgress> progress_;
};

bool is_passing(const Unreachable& error, bool received_before) {
  switch (error.cause()) {
    case Unreachable::Cause::kCutOff:
    case Unreachable::Cause::kTimedOut:
      return true;
    // A server that never was there will not come; one that sent something is only gone for a while.
    case Unreachable::Cause::kRefused:
    case Unreachable::Cause::kNoSuchHost:
      return received_before;
    default:
      return false;
  }
}

/// Until all bytes are there.
void receive_all(const Download& download, PartialFile& file) {
  std::uint64_t farthest = file.size();
  bool received = false;
  double pause_s = download.first_pause_s;
  for (int failed = 0;;) {
    std::optional<double> asked;
    std::string why;
    Attempt attempt(download, file);
    const auto give_up = [&] { return failed + 1 >= download.attempts; };
    try {
      const Outcome outcome = attempt.run();
      const int status = attempt.response().status;
      if (outcome == Outcome::kComplete) return;
      if (status == 200 || status == 206) {
        why = "the connection was cut off";
        if (give_up()) {
          throw Unreachable(Unreachable::Cause::kCutOff, why, download.request.url,
                            "Run the command again: what is there is kept.");
        }
      } else if (outcome == Outcome::kShort) {
        if (!worth_another_attempt(status) || give_up()) throw Refused(status, download.request.url, "");
        why = fmt::format("the server answers {}", status);
        asked = asked_pause_s(attempt.response());
      }
      if (outcome == Outcome::kAskAgain && give_up()) throw Refused(status, download.request.url, "");
    } catch (const Unreachable& error) {
      if (!is_passing(error, received) || give_up()) throw;
      why = error.message();
    }
    received = received || file.size() > 0;
    ++failed;
    if (file.size() >= farthest + kWorthwhileBytes) {
      farthest = file.size();
      failed = 0;
      pause_s = download.first_pause_s;
    }
    if (why.empty()) continue;
    const double wait_s = std::min(asked.value_or(pause_s), download.longest_pause_s);
    core::log_warning(fmt::format("{}: {}; next attempt in {:.3g} s", public_url(download.request.url), why, wait_s));
    pause(wait_s);
    pause_s = std::min(2 * pause_s, download.longest_pause_s);
  }
}

}  // namespace

Refused::Refused(int status, const std::string& url, std::string hint)
    : Error(
          fmt::format("the server answers {}{}", status, status == 404 ? " (not found)" : ""), public_url(url),
          hint.empty() ? (worth_another_attempt(status) ? "Try again later." : "Check the address.") : std::move(hint)),
      status_(status) {}

Downloaded download(const Download& download) {
  PartialFile file(download.target);
  const std::uint64_t resumed_from = file.size();
  for (bool fresh = file.size() == 0;; fresh = true) {
    receive_all(download, file);
    const std::string sha256 = file.sha256();
    const bool right_size = !download.bytes || *download.bytes == file.size();
    if (right_size && (download.sha256.empty() || download.sha256 == sha256)) {
      const std::uint64_t bytes = file.size();
      file.commit();
      return {bytes, sha256, fresh ? 0 : resumed_from};
    }
    const std::uint64_t bytes = file.size();
    file.restart("");
    if (fresh) {
      throw core::DataError(
          right_size
              ? fmt::format("the downloaded bytes have the sha256 {} where {} is expected", sha256, download.sha256)
              : fmt::format("{} bytes were downloaded where {} are expected", bytes, *download.bytes),
          public_url(download.request.url), "Nothing was kept: the server has another file, or a damaged one.");
    }
    core::log_warning(
        fmt::format("{}: the continued file is not the right one; starting anew", public_url(download.request.url)));
  }
}

}  // namespace normadd::http
