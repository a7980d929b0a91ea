// SPDX-License-Identifier: Apache-2.0
#include "experiment/result_cache.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/log.h"

namespace normadd::experiment {
namespace {

namespace fs = std::filesystem;

constexpr const char* kResults[] = {"metrics.csv", "scores.csv", "curves", "tables", "images"};
constexpr const char* kPack = "results.pack";

/// Thrown by a make that cannot: the entry is not there, or damaged.
struct NotKept {};

/// All result files in one, which is synced and checked at once: for each "NAME SIZE\n" and its bytes.
std::string packed(const fs::path& folder) {
  std::string pack;
  const auto add = [&](const fs::path& file) {
    const std::string bytes = core::read_file(file);
    pack += fmt::format("{} {}\n", file.lexically_relative(folder).generic_string(), bytes.size());
    pack += bytes;
  };
  for (const char* name : kResults) {
    if (fs::is_regular_file(folder / name)) add(folder / name);
    if (!fs::is_directory(folder / name)) continue;
    for (const auto& entry : fs::directory_iterator(folder / name)) add(entry.path());
  }
  return pack;
}

void unpack(const std::string& pack, const fs::path& folder) {
  for (std::size_t next = 0; next < pack.size();) {
    const std::size_t end = pack.find('\n', next), space = pack.rfind(' ', end);
    std::size_t size = 0;
    std::from_chars(pack.data() + space + 1, pack.data() + end, size);
    core::write_file_atomically(folder / pack.substr(next, space - next), std::string_view(pack).substr(end + 1, size));
    next = end + 1 + size;
  }
}

}  // namespace

std::optional<stages::StageKey> kept_results_key(const PreparedJob& prepared, bool with_panels, Session& session) {
  // Detectors and maps are large.
  const RunOptions& run = prepared.job->run;
  if (session.cache().options().root.empty() || run.save_detectors || run.save_maps) return std::nullopt;
  return results_key(prepared, with_panels, session);
}

bool copy_results(const stages::StageKey& key, const fs::path& folder, Session& session) {
  if (!session.cache().find(key)) return false;
  try {
    session.cache().obtain(
        key, [](const fs::path&) { throw NotKept(); },
        [&](const fs::path& entry) { unpack(core::read_file(entry / kPack), folder); });
    return true;
  } catch (const NotKept&) {
    return false;
  } catch (const core::OutputError&) {
    // A run that failed has no results.
    std::error_code ignored;
    for (const char* name : kResults) fs::remove_all(folder / name, ignored);
    throw;
  }
}

void keep_results(const stages::StageKey& key, const fs::path& folder, Session& session) {
  try {
    session.cache().obtain(
        key, [&](const fs::path& entry) { core::write_file_atomically(entry / kPack, packed(folder)); },
        [](const fs::path&) {});
  } catch (const core::OutputError& error) {
    // The run itself has all it needs.
    core::log_warning(fmt::format("the results are not kept for equal jobs: {}", error.message()));
  }
}

}  // namespace normadd::experiment
