// SPDX-License-Identifier: Apache-2.0
#include "experiment/result_cache.h"

#include "core/atomic_file.h"
#include "core/error.h"

namespace normadd::experiment {
namespace {

namespace fs = std::filesystem;

constexpr const char* kResults[] = {"metrics.csv", "scores.csv", "tables", "images"};

/// Thrown by a make that cannot: the entry is not there, or damaged.
struct NotKept {};

bool is_kept(const Job& job) { return !job.run.save_detectors && !job.run.save_maps; }

void copy_all(const fs::path& from, const fs::path& to) {
  for (const char* name : kResults) {
    if (!fs::exists(from / name)) continue;
    std::error_code error;
    fs::copy(from / name, to / name, fs::copy_options::recursive, error);
    if (error) {
      throw core::OutputError("cannot write: " + error.message(), (to / name).string(),
                              "Free some space, or check the folder.");
    }
  }
}

}  // namespace

bool copy_results(const PreparedJob& prepared, bool with_panels, const fs::path& folder, Session& session) {
  if (session.cache().options().root.empty() || !is_kept(*prepared.job)) return false;
  const auto key = results_key(prepared, with_panels, session);
  if (!session.cache().find(key)) return false;
  try {
    session.cache().obtain(
        key, [](const fs::path&) { throw NotKept(); }, [&](const fs::path& entry) { copy_all(entry, folder); });
    return true;
  } catch (const NotKept&) {
    return false;
  }
}

void keep_results(const PreparedJob& prepared, bool with_panels, const fs::path& folder, Session& session) {
  if (session.cache().options().root.empty() || !is_kept(*prepared.job)) return;
  session.cache().obtain(
      results_key(prepared, with_panels, session), [&](const fs::path& entry) { copy_all(folder, entry); },
      [](const fs::path&) {});
}

}  // namespace normadd::experiment
