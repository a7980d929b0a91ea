// SPDX-License-Identifier: Apache-2.0
#include "sweeps/slurm_client.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "core/error.h"
#include "core/subprocess.h"

namespace normadd::sweeps {
namespace {

using namespace std::chrono_literals;

constexpr auto kSubmitLimit = 120s;
constexpr auto kAskLimit = 20s;

std::vector<std::string> fields_of(const std::string& line, std::size_t at_most) {
  std::vector<std::string> fields;
  std::size_t start = 0;
  while (fields.size() + 1 < at_most) {
    const auto end = line.find('|', start);
    if (end == std::string::npos) break;
    fields.push_back(line.substr(start, end - start));
    start = end + 1;
  }
  fields.push_back(line.substr(start));
  return fields;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string why(const core::SubprocessResult& result, const std::string& program) {
  if (!result.found) return fmt::format("there is no program {} here", program);
  if (result.timed_out) return fmt::format("{} did not answer in time", program);
  const std::string words = result.words();
  return words.empty() ? fmt::format("{} ended with exit code {}", program, result.status) : words;
}

SlurmAnswer<std::string> ask(const std::vector<std::string>& command) {
  const auto result = core::run_subprocess({command, "", kAskLimit, {}});
  if (result.ok()) return {result.output, ""};
  return {std::nullopt, why(result, command.front())};
}

/// "JobState" of lines as "scontrol -o show job" prints them, or the second field of sacct's.
std::vector<std::pair<std::string, int>> counted(const std::vector<std::string>& states) {
  std::map<std::string, int> counts;
  // "CANCELLED by 1000" is CANCELLED.
  for (const auto& state : states) ++counts[state.substr(0, state.find(' '))];
  return {counts.begin(), counts.end()};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

}  // namespace

std::string slurm_submit(const std::filesystem::path& script, const std::function<bool(const std::string&)>& hidden) {
  const auto result = core::run_subprocess({{"sbatch", "--parsable", script.string()}, "", kSubmitLimit, hidden});
  if (!result.found) {
    throw core::ConfigError("there is no program sbatch here", "launcher=slurm",
                            "Run this on a login node of the cluster, or use launcher=local or launcher=commands.");
  }
  if (!result.ok()) {
    throw core::Error(fmt::format("Slurm refused the jobs: {}", why(result, "sbatch")), script.string(),
                      "Check the launcher's options; the script can be tried with sbatch --test-only.");
  }
  // "id" or "id;cluster"
  const std::string id = trimmed(result.output.substr(0, result.output.find(';')));
  if (id.empty() || id.find_first_not_of("0123456789") != std::string::npos) {
    throw core::Error(fmt::format("sbatch gave no job id but: {}", result.words()), script.string(), "");
  }
  return id;
}

SlurmAnswer<std::vector<SlurmQueueEntry>> slurm_queue() {
  // The comment may hold any letter: it comes last.
  const auto answer =
      ask({"squeue", "--noheader", "--array", fmt::format("--user={}", ::getuid()), "--format", "%F|%K|%T|%r|%N|%k"});
  if (!answer.value) return {std::nullopt, answer.error};
  constexpr std::size_t kFields = 6;
  std::vector<SlurmQueueEntry> entries;
  for (const auto& line : lines_of(*answer.value)) {
    const auto fields = fields_of(line, kFields);
    if (fields.size() == kFields)
      entries.push_back({fields[0], fields[1], fields[2], fields[3], fields[4], trimmed(fields[5])});
  }
  return {std::move(entries), ""};
}

SlurmAnswer<std::string> slurm_setting(const std::string& key) {
  const auto answer = ask({"scontrol", "show", "config"});
  if (!answer.value) return answer;
  for (const auto& line : lines_of(*answer.value)) {
    const auto sign = line.find('=');
    if (sign != std::string::npos && trimmed(line.substr(0, sign)) == key) return {trimmed(line.substr(sign + 1)), ""};
  }
  return {std::nullopt, fmt::format("scontrol show config has no {}", key)};
}

std::vector<std::pair<std::string, int>> slurm_end_states(const std::vector<std::string>& jobs) {
  if (jobs.empty()) return {};
  std::vector<std::string> states;
  const auto storage = slurm_setting("AccountingStorageType");
  if (storage.value && !storage.value->empty() && *storage.value != "accounting_storage/none" &&
      *storage.value != "(null)") {
    const auto answer = ask({"sacct", "--noheader", "--allocations", "--parsable2", "--format=State",
                             fmt::format("--jobs={}", fmt::join(jobs, ","))});
    if (answer.value) return counted(lines_of(*answer.value));
  }
  for (const auto& job : jobs) {
    const auto answer = ask({"scontrol", "--oneliner", "show", "job", job});
    if (!answer.value) continue;
    for (const auto& line : lines_of(*answer.value)) {
      constexpr std::string_view kKey = " JobState=";
      const auto start = line.find(kKey);
      if (start == std::string::npos) continue;
      const auto value = start + kKey.size();
      states.push_back(line.substr(value, line.find(' ', value) - value));
    }
  }
  return counted(states);
}

std::string slurm_cancel(const std::vector<std::string>& jobs) {
  if (jobs.empty()) return "";
  std::vector<std::string> command{"scancel", "--quiet"};
  command.insert(command.end(), jobs.begin(), jobs.end());
  const auto answer = ask(command);
  return answer.value ? "" : answer.error;
}

}  // namespace normadd::sweeps
