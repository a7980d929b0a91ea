// SPDX-License-Identifier: Apache-2.0
#include "weights/file_hashes.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hashing.h"

namespace normadd::weights {
namespace {

// Hashing less takes no longer than looking up the note.
constexpr std::uintmax_t kWorthNoting = 1 << 20;

/// What changes when a file's contents do. The change time cannot be set back by hand as the modification time can.
std::string stamp_of(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return "";
  return fmt::format("{}\n{} {} {}.{:09} {}.{:09}\n", file.string(), status.st_size, status.st_ino,
                     status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
}

}  // namespace

std::string FileHashes::sha256(const std::filesystem::path& file) const {
  std::error_code error;
  const auto canonical = std::filesystem::canonical(file, error);
  const std::string stamp = error ? "" : stamp_of(canonical);
  if (stamp.empty() || std::filesystem::file_size(canonical, error) < kWorthNoting) {
    return core::sha256_hex_of_file(file);
  }
  const auto note = folder_ / "sha256" / core::xxh128_hex(canonical.string());
  constexpr std::size_t kDigits = 64;
  if (std::filesystem::is_regular_file(note, error)) {
    const std::string text = core::read_file(note);
    if (text.size() == stamp.size() + kDigits && text.starts_with(stamp)) return text.substr(stamp.size());
  }
  const std::string sha256 = core::sha256_hex_of_file(canonical);
  // Written to while it was read: the hash is of no lasting use.
  if (stamp_of(canonical) == stamp) {
    try {
      core::write_file_atomically(note, stamp + sha256);
    } catch (const core::OutputError&) {
      // The next call computes it again.
    }
  }
  return sha256;
}

}  // namespace normadd::weights
