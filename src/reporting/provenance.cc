// SPDX-License-Identifier: Apache-2.0
#include "reporting/provenance.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"

namespace normadd::reporting {
namespace {

struct Program {
  std::string version, commit;
};

Program program_of(const std::filesystem::path& run_folder) {
  const auto path = run_folder / "manifest.json";
  if (!std::filesystem::exists(path)) return {};
  const auto manifest = nlohmann::json::parse(core::read_file(path), nullptr, false);
  if (!manifest.is_object()) {
    throw core::DataError("the manifest is not a JSON object", path.string(), "Restore the file or run again.");
  }
  const auto text_of = [&](const char* key) {
    const auto found = manifest.find(key);
    return found != manifest.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  return {text_of("program_version"), text_of("git_commit").substr(0, 12)};
}

std::string program_text(const Program& program) {
  std::string text;
  if (!program.version.empty()) text += ", normadd " + program.version;
  if (!program.commit.empty()) text += ", commit " + program.commit;
  return text;
}

}  // namespace

std::string run_provenance(const std::filesystem::path& run_folder, const std::string& run) {
  return fmt::format("Run {}{}.", run, program_text(program_of(run_folder)));
}

std::vector<std::string> view_provenance(const RunListing& listing, const std::string& command) {
  constexpr std::size_t kMostNamed = 12;
  constexpr std::size_t kHashDigits = 8;
  std::vector<std::string> hashes;
  std::set<std::string> programs;
  for (const auto& run : listing.runs) {
    if (hashes.size() < kMostNamed) hashes.push_back(run.id.empty() ? "unnamed" : run.id.substr(0, kHashDigits));
    programs.insert(program_text(program_of(run.folder)));
  }
  const std::size_t num_more = listing.runs.size() - hashes.size();
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{} {}{}{}.", listing.runs.size() == 1 ? "Run" : "Runs", fmt::join(hashes, ", "),
                              num_more > 0 ? fmt::format(" and {} more", num_more) : "", fmt::join(programs, ";")));
  lines.push_back(fmt::format("Table by normadd {}: {}", NORMADD_VERSION, command));
  return lines;
}

}  // namespace normadd::reporting
