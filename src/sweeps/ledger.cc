// SPDX-License-Identifier: Apache-2.0
#include "sweeps/ledger.h"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/process_identity.h"
#include "core/utf8.h"

namespace normadd::sweeps {
namespace {

namespace fs = std::filesystem;

std::string name_of(std::size_t number, const std::string& state) { return fmt::format("{}.{}", number, state); }

std::string attempt_name(std::size_t number, int attempt) { return fmt::format("{}.attempt.{}", number, attempt); }

std::string text_of(const JobEnd& end) {
  nlohmann::ordered_json json{{"state", end.state}, {"attempt", end.attempt}};
  if (!end.error.empty()) json["error"] = core::valid_utf8(end.error);
  if (end.seconds > 0) json["seconds"] = end.seconds;
  if (!end.host.empty()) json["host"] = core::valid_utf8(end.host);
  return json.dump() + "\n";
}

JobEnd read_end(const fs::path& path) {
  const auto json = nlohmann::json::parse(core::read_file(path), nullptr, false);
  if (!json.is_object()) {
    throw core::DataError("the record of a job is damaged", path.string(), "Remove the file: the job then runs again.");
  }
  try {
    return {json.value("state", ""), json.value("error", ""), json.value("attempt", 0), json.value("seconds", 0.0),
            json.value("host", "")};
  } catch (const nlohmann::json::exception&) {
    throw core::DataError("the record of a job is damaged", path.string(), "Remove the file: the job then runs again.");
  }
}

/// Whole or not at all, but not synced: after a loss of power the complete run folder tells the same.
void write_quickly(const fs::path& path, const std::string& text) {
  const fs::path own = path.parent_path() / core::private_name(path.filename().string());
  std::ofstream stream(own, std::ios::binary);
  stream << text;
  stream.close();
  std::error_code error;
  if (stream) fs::rename(own, path, error);
  if (!stream || error) {
    fs::remove(own, error);
    throw core::OutputError("cannot record that a job is done", path.string(),
                            "Check that the folder is writable and the disk has space.");
  }
}

/// The attempt that a lease's note names; 0 when it names none.
int attempt_of_note(const std::string& note) {
  constexpr std::string_view kStart = "attempt ";
  int attempt = 0;
  if (note.starts_with(kStart)) std::from_chars(note.data() + kStart.size(), note.data() + note.size(), attempt);
  return attempt;
}

}  // namespace

JobClaim::JobClaim(fs::path folder, std::size_t number, int attempt, core::Lease lease)
    : folder_(std::move(folder)), number_(number), attempt_(attempt), lease_(std::move(lease)) {}

JobClaim::~JobClaim() {
  // A moved-from claim has no folder any more.
  if (!is_open_ || folder_.empty()) return;
  try {
    end_attempt({"lost", "its process gave it up", attempt_, 0, core::own_identity().host});
  } catch (...) {
    // The lease goes back all the same; the disk may be full.
  }
}

void JobClaim::end_attempt(const JobEnd& end) {
  is_open_ = false;
  // Whoever took the job over from us, thought dead, counts the attempt himself.
  if (lease_.held()) core::write_file_atomically(folder_ / attempt_name(number_, attempt_), text_of(end));
}

void JobClaim::done(double seconds) {
  is_open_ = false;
  write_quickly(folder_ / name_of(number_, "done"),
                text_of({"done", "", attempt_, seconds, core::own_identity().host}));
  lease_.release();
}

void JobClaim::failed(const std::string& error, double seconds) {
  const JobEnd end{"failed", error, attempt_, seconds, core::own_identity().host};
  const bool is_ours = lease_.held();
  end_attempt(end);
  if (is_ours) core::write_file_atomically(folder_ / name_of(number_, "failed"), text_of(end));
  lease_.release();
}

void JobClaim::put_back() {
  is_open_ = false;
  lease_.release();
}

void JobClaim::requeued(const std::string& reason) {
  end_attempt({"requeued", reason, attempt_, 0, core::own_identity().host});
  lease_.release();
}

Ledger::Ledger(fs::path folder, int max_attempts, core::LeaseTimes times)
    : folder_(std::move(folder)), max_attempts_(max_attempts), times_(times) {}

fs::path Ledger::file(std::size_t number, const std::string& state) const { return folder_ / name_of(number, state); }

std::vector<JobStatus> Ledger::states(std::size_t jobs) const {
  std::vector<JobStatus> states(jobs);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(folder_.c_str()), ::closedir);
  if (!directory) return states;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || number >= jobs) continue;
    JobStatus& status = states[number];
    const std::string_view state = name.substr(static_cast<std::size_t>(end - name.data()));
    if (state == ".done") {
      status.state = JobState::kDone;
    } else if (state == ".failed" && status.state != JobState::kDone) {
      // Also beside a lease: its owner is about to give it back, or died before it could.
      status.state = JobState::kFailed;
    } else if (state == ".running" && status.state == JobState::kPending) {
      status.state = JobState::kRunning;
    } else if (state.starts_with(".attempt.")) {
      ++status.attempts;
    }
  }
  return states;
}

int Ledger::ended_attempts(std::size_t number) const {
  int attempts = 0;
  while (::access((folder_ / attempt_name(number, attempts + 1)).c_str(), F_OK) == 0) ++attempts;
  return attempts;
}

int Ledger::lost_in_a_row(std::size_t number, int attempts) const {
  int lost = 0;
  while (lost < attempts && read_end(folder_ / attempt_name(number, attempts - lost)).state == "lost") ++lost;
  return lost;
}

void Ledger::record_lost(std::size_t number, int attempt) {
  const std::string reason = "its process died: killed, out of memory, or its machine went down";
  core::write_file_atomically(folder_ / attempt_name(number, attempt), text_of({"lost", reason, attempt, 0, ""}));
}

std::optional<JobClaim> Ledger::claim(std::size_t number) {
  const auto exists = [](const fs::path& path) { return ::access(path.c_str(), F_OK) == 0; };
  const auto has_ended = [&] { return exists(file(number, "done")) || exists(file(number, "failed")); };
  if (has_ended()) {
    // Taking a dead owner's lease and giving it back clears it away.
    if (exists(file(number, "running"))) core::Lease::try_acquire(file(number, "running"), "", times_);
    return std::nullopt;
  }
  int ended = ended_attempts(number);
  int attempt = ended + 1;
  if (exists(file(number, "running"))) {
    const auto owner = core::Lease::owner(file(number, "running"), times_);
    if (owner && owner->alive) return std::nullopt;
    if (owner) attempt = std::max(attempt, attempt_of_note(owner->note) + 1);
  }
  auto lease = core::Lease::try_acquire(file(number, "running"), fmt::format("attempt {}", attempt), times_);
  if (!lease) return std::nullopt;
  JobClaim claim(folder_, number, attempt, std::move(*lease));
  // Between the look above and now its owner may have finished.
  if (has_ended()) {
    claim.is_open_ = false;
    return std::nullopt;
  }
  // It may also have given the job back, with an attempt of the number that we thought ours.
  for (ended = ended_attempts(number); claim.attempt_ <= ended;) claim.attempt_ = ended + 1;
  if (exists(folder_.parent_path() / std::to_string(number))) {
    claim.done(0);
    return std::nullopt;
  }
  for (int lost = ended + 1; lost < claim.attempt_; ++lost) record_lost(number, lost);
  claim.lost_before_ = lost_in_a_row(number, claim.attempt_ - 1);
  if (claim.lost_before_ >= max_attempts_) {
    // Recorded as an attempt of its own, so that a retry starts counting anew.
    claim.failed(
        fmt::format("the process that ran it died {} times in a row: killed, or out of memory", claim.lost_before_), 0);
    return std::nullopt;
  }
  return claim;
}

std::optional<JobEnd> Ledger::end_of(std::size_t number) const {
  for (const char* state : {"done", "failed"}) {
    if (fs::exists(file(number, state))) return read_end(file(number, state));
  }
  return std::nullopt;
}

std::vector<JobEnd> Ledger::attempts_of(std::size_t number) const {
  std::vector<JobEnd> attempts;
  for (int attempt = 1; attempt <= ended_attempts(number); ++attempt) {
    attempts.push_back(read_end(folder_ / attempt_name(number, attempt)));
  }
  return attempts;
}

std::optional<core::LeaseOwner> Ledger::owner_of(std::size_t number) const {
  return core::Lease::owner(file(number, "running"), times_);
}

bool Ledger::retry(std::size_t number) {
  std::error_code error;
  const bool was_there = fs::remove(file(number, "failed"), error);
  if (error) {
    throw core::OutputError("cannot make the job pending again: " + error.message(), file(number, "failed").string(),
                            "Check that the folder is writable.");
  }
  return was_there;
}

void Ledger::stop(const std::string& reason) {
  if (!stopped()) core::write_file_atomically(folder_ / "stopped", reason + "\n");
}

std::optional<std::string> Ledger::stopped() const {
  if (!fs::exists(folder_ / "stopped")) return std::nullopt;
  std::string reason = core::read_file(folder_ / "stopped");
  while (reason.ends_with('\n')) reason.pop_back();
  return reason;
}

void Ledger::go_on() {
  std::error_code ignored;
  fs::remove(folder_ / "stopped", ignored);
}

}  // namespace normadd::sweeps
