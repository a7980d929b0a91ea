// SPDX-License-Identifier: Apache-2.0
#include "stages/cache_budget.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <mutex>
#include <optional>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/lease.h"
#include "core/log.h"
#include "stages/entry_listing.h"

namespace normadd::stages {
namespace {

namespace fs = std::filesystem;

constexpr double kBytesPerGb = 1e9;

fs::path sum_file(const fs::path& root) { return root / "bytes"; }

std::optional<std::uint64_t> read_sum(const fs::path& root) {
  if (!fs::is_regular_file(sum_file(root))) return std::nullopt;
  const std::string text = core::read_file(sum_file(root));
  std::uint64_t sum = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), sum);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return sum;
}

std::uint64_t sum_of(const std::vector<StageEntry>& entries) {
  std::uint64_t sum = 0;
  for (const auto& entry : entries) sum += entry.bytes;
  return sum;
}

void write_sum(const fs::path& root, std::uint64_t sum) {
  core::write_file_atomically(sum_file(root), fmt::format("{}\n", sum));
}

}  // namespace

std::uint64_t recount(const fs::path& root) {
  const std::uint64_t sum = sum_of(list_entries(root));
  write_sum(root, sum);
  return sum;
}

namespace {

using Clock = std::chrono::steady_clock;

/// What this process still owes to the sum, and when it last found that nothing can go.
struct Account {
  std::uint64_t uncounted = 0;
  std::optional<Clock::time_point> was_full;
};

void settle(const fs::path& root, double max_gb, Account& account) {
  const auto lease = core::Lease::try_acquire(root / "leases" / "bytes");
  if (!lease) return;  // another process counts: this one's bytes wait for the next entry
  const double limit = max_gb * kBytesPerGb;
  const auto known = read_sum(root);
  // Counting everything for each new entry would cost more than the entries.
  constexpr std::chrono::minutes kRest{1};
  const bool rests = account.was_full && Clock::now() - *account.was_full < kRest;
  if (known && (rests || static_cast<double>(*known + account.uncounted) <= limit)) {
    write_sum(root, *known + account.uncounted);
    account.uncounted = 0;
    return;
  }
  const auto entries = list_entries(root);
  std::uint64_t sum = sum_of(entries);
  if (static_cast<double>(sum) > limit) {
    std::size_t num_evicted = 0;
    for (const auto& entry : entries_to_evict(entries, static_cast<std::uint64_t>(0.9 * limit), kSpared)) {
      if (!remove_entry(root, entry)) continue;
      sum -= entry.bytes;
      ++num_evicted;
    }
    if (static_cast<double>(sum) > limit) account.was_full = Clock::now();
    core::log_info(fmt::format("cache: {} entries evicted, {:.2f} GB are left of at most {:.2f}", num_evicted,
                               static_cast<double>(sum) / kBytesPerGb, max_gb));
  }
  write_sum(root, sum);
  account.uncounted = 0;
}

}  // namespace

void keep_within_budget(const fs::path& root, double max_gb, std::uint64_t added_bytes) {
  static std::mutex mutex;
  static std::map<fs::path, Account> accounts;
  const std::lock_guard lock(mutex);
  Account& account = accounts[root];
  account.uncounted += added_bytes;
  try {
    settle(root, max_gb, account);
  } catch (const core::OutputError& error) {
    core::log_warning(fmt::format("the cache's size could not be kept: {}", error.what()));
  }
}

}  // namespace normadd::stages
