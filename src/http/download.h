// SPDX-License-Identifier: Apache-2.0
// A file from the network: resumed where it was cut off, checked before it appears under its name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "http/client.h"

namespace normadd::http {

struct Download {
  /// A GET. Its timeout_s is not applied: a large file takes as long as it takes, unless it stalls.
  Request request;
  std::filesystem::path target;
  std::string sha256;                  // lower-case hex; empty = whatever comes
  std::optional<std::uint64_t> bytes;  // the size, where it is known beforehand
  std::string label;                   // for the progress line; empty = the target's file name
  /// Attempts in a row that bring nothing new (cut off, stalled, 408, 429, 5xx); before each but the first a pause that
  /// doubles, or as long as the server asks (Retry-After), never longer than longest_pause_s.
  int attempts = 6;
  double first_pause_s = 1, longest_pause_s = 60;
};

struct Downloaded {
  std::uint64_t bytes = 0;
  std::string sha256;
  std::uint64_t resumed_from = 0;  // bytes that were there from an earlier call
};

/// The server answered, but with a status that no second attempt will change, or to the last attempt.
class Refused : public core::Error {
 public:
  Refused(int status, const std::string& url, std::string hint);
  int status() const { return status_; }

 private:
  int status_;
};

/// Writes <target>.partial (and <target>.partial.etag, the version that it is a part of), then renames it to target.
/// A partial file of the same version, or of any version when sha256 is given, is continued with a Range request; a
/// server that ignores Range sends everything again. The partial file stays after an interruption, a cut connection and
/// a full disk, and is removed when size or hash are wrong (after one fresh start, when it had been continued).
/// Throws Refused, Unreachable, OutputError (disk full, not writable, another process downloads the same file) and
/// DataError (wrong size or hash: nothing appears under target).
Downloaded download(const Download& download);

}  // namespace normadd::http
