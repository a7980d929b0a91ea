// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/error.h"
#include "core/nearest_name.h"
#include "core/process_identity.h"
#include "core/progress.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "reporting/table.h"
#include "stages/cache_budget.h"
#include "stages/entry_file.h"
#include "stages/entry_listing.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;
using stages::StageEntry;

constexpr double kBytesPerGb = 1e9;

cxxopts::Options cache_options(const std::string& what, const std::string& help) {
  cxxopts::Options options("normadd cache " + what, help);
  // clang-format off
  options.add_options()
      ("dir", "the cache's folder, as the key cache.dir has it", cxxopts::value<std::string>()->default_value("results/cache"))
      ("h,help", "this text");
  // clang-format on
  return options;
}

fs::path existing_cache(const cxxopts::ParseResult& flags) {
  const fs::path root = flags["dir"].as<std::string>();
  if (!fs::is_directory(root)) {
    throw core::DataError("there is no cache", root.string(),
                          "Give its folder with --dir; the key cache.dir names it.");
  }
  return root;
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < std::size(kUnits); ++unit) value /= 1000;
  return fmt::format("{:.{}f} {}", value, unit == 0 || value >= 99.5 ? 0 : 1, kUnits[unit]);
}

struct Sum {
  std::size_t count = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;

  void add(const StageEntry& entry) {
    ++count;
    bytes += entry.bytes;
    seconds += entry.seconds;
  }
};

/// 5 d, 3 h, 2 min, now.
std::string idle_text(double seconds) {
  if (seconds < 60) return "now";
  if (seconds < 3600) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 2 * 86400) return fmt::format("{:.0f} h", seconds / 3600);
  return fmt::format("{:.0f} d", seconds / 86400);
}

void print_sums(const std::vector<StageEntry>& entries, bool styled) {
  std::map<std::string, Sum> sums;
  Sum all;
  for (const auto& entry : entries) {
    sums[entry.stage].add(entry);
    all.add(entry);
  }
  reporting::Table table;
  table.title = "Cache by stage";
  table.columns = {{"stage", "stage", false}, {"entries", "entries"}, {"bytes", "size"}, {"seconds", "saves"}};
  const auto row = [](const std::string& name, const Sum& sum, bool is_mean) {
    return reporting::TableRow{
        {reporting::word_cell(name), reporting::count_cell(sum.count), reporting::word_cell(bytes_text(sum.bytes)),
         reporting::word_cell(core::duration_text(sum.seconds))},
        is_mean};
  };
  for (const auto& [stage, sum] : sums) table.rows.push_back(row(stage, sum, false));
  table.rows.push_back(row("all", all, true));
  table.notes.emplace_back("saves: what computing them took. 'normadd cache ls --entries' lists each.");
  fmt::print("{}", reporting::terminal_text(table, styled));
}

void print_entries(const std::vector<StageEntry>& entries, bool styled) {
  reporting::Table table;
  table.title = "Cache entries";
  table.columns = {{"stage", "stage", false, true}, {"label", "of", false}, {"bytes", "size"}, {"seconds", "saves"},
                   {"idle", "last used"},           {"hash", "hash", false}};
  for (const auto& entry : entries) {
    table.rows.push_back(
        {{reporting::word_cell(entry.stage), reporting::word_cell(entry.label),
          reporting::word_cell(bytes_text(entry.bytes)), reporting::word_cell(core::duration_text(entry.seconds)),
          reporting::word_cell(idle_text(entry.idle_seconds)), reporting::word_cell(entry.hash)},
         false});
  }
  fmt::print("{}", reporting::terminal_text(table, styled));
}

int list(const Arguments& arguments) {
  auto options = cache_options("ls", "What the cache holds.");
  options.add_options()("entries", "every entry instead of sums by stage")("json", "every entry, for scripts");
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  auto entries = stages::list_entries(existing_cache(flags));
  std::sort(entries.begin(), entries.end(), [](const StageEntry& a, const StageEntry& b) {
    return std::tie(a.stage, a.label, a.hash) < std::tie(b.stage, b.label, b.hash);
  });
  if (flags.count("json") > 0) {
    auto json = nlohmann::ordered_json::array();
    for (const auto& entry : entries) {
      json.push_back({{"stage", entry.stage},
                      {"label", entry.label},
                      {"hash", entry.hash},
                      {"bytes", entry.bytes},
                      {"seconds", entry.seconds},
                      {"idle_seconds", entry.idle_seconds}});
    }
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return 0;
  }
  const bool styled = ::isatty(STDOUT_FILENO) != 0;
  if (flags.count("entries") > 0) {
    print_entries(entries, styled);
  } else {
    print_sums(entries, styled);
  }
  return 0;
}

/// "30d", "12h", "45min" in seconds.
double age_of(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string unit(end, text.data() + text.size());
  const std::map<std::string, double> units{{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};
  if (error != std::errc() || !(value >= 0) || !units.contains(unit)) {
    throw core::ConfigError(fmt::format("'{}' is no age", text), "--older-than", "Write e.g. 30d, 12h or 45min.");
  }
  return value * units.at(unit);
}

int collect_garbage(const Arguments& arguments) {
  auto options =
      cache_options("gc", "Removes entries: those that are cheapest to recompute per byte, or the long unused.");
  // clang-format off
  options.add_options()
      ("max-gb", "keep at most this much", cxxopts::value<double>())
      ("older-than", "remove what was not used for so long: 30d, 12h, 45min", cxxopts::value<std::string>())
      ("dry-run", "only say what would go");
  // clang-format on
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const fs::path root = existing_cache(flags);
  if (flags.count("max-gb") == 0 && flags.count("older-than") == 0) {
    throw core::ConfigError("nothing says what may go", "normadd cache gc", "Give --max-gb or --older-than.");
  }
  auto entries = stages::list_entries(root);
  std::vector<StageEntry> removed;
  if (flags.count("older-than") > 0) {
    const double age = age_of(flags["older-than"].as<std::string>());
    const auto old = std::stable_partition(entries.begin(), entries.end(),
                                           [&](const StageEntry& entry) { return entry.idle_seconds < age; });
    removed.assign(old, entries.end());
    entries.erase(old, entries.end());
  }
  if (flags.count("max-gb") > 0) {
    const double max_gb = flags["max-gb"].as<double>();
    if (!(max_gb >= 0)) throw core::ConfigError("the size is negative", "--max-gb", "Give 0 or more.");
    const auto evicted =
        stages::entries_to_evict(entries, static_cast<std::uint64_t>(max_gb * kBytesPerGb), stages::kSpared);
    removed.insert(removed.end(), evicted.begin(), evicted.end());
  }
  Sum sum;
  const bool is_dry = flags.count("dry-run") > 0;
  for (const auto& entry : removed) {
    if (is_dry || stages::remove_entry(root, entry)) sum.add(entry);
  }
  if (!is_dry) {
    core::remove_leftovers(root / "tmp");
    core::remove_leftovers(root / "leases");
    stages::recount(root);
  }
  fmt::print("{} {} entries, {}\n", is_dry ? "Would remove" : "Removed", sum.count, bytes_text(sum.bytes));
  return 0;
}

int verify(const Arguments& arguments) {
  auto options =
      cache_options("verify", "Reads every file of every entry and compares checksums; exit code 1 for damage.");
  options.add_options()("delete", "remove damaged entries (a run would compute them again anyway)");
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const fs::path root = existing_cache(flags);
  const auto entries = stages::list_entries(root);
  std::size_t num_damaged = 0;
  if (!entries.empty()) {
    core::Progress progress("verify", entries.size());
    for (const auto& entry : entries) {
      const std::string damage = stages::damage_of(entry.folder);
      progress.advance();
      // Evicted by another process in between: not damaged, gone.
      if (damage.empty() || !fs::exists(entry.folder)) continue;
      ++num_damaged;
      fmt::print("{} {}: {}\n", entry.stage, entry.hash, damage);
      if (flags.count("delete") > 0) stages::remove_entry(root, entry);
    }
  }
  fmt::print("{} entries, {} damaged{}\n", entries.size(), num_damaged,
             num_damaged > 0 && flags.count("delete") > 0 ? " and removed" : "");
  return num_damaged > 0 ? 1 : 0;
}

int remove(const Arguments& arguments) {
  auto options = cache_options("rm", "Removes entries by stage or by the beginning of their hash.");
  options.positional_help("STAGE|HASH...");
  options.add_options()("names", "stages or hashes", cxxopts::value<std::vector<std::string>>());
  options.parse_positional({"names"});
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const fs::path root = existing_cache(flags);
  const auto names = repeated_flag(flags, "names");
  if (names.empty()) throw core::ConfigError("nothing is named", "normadd cache rm", "Name stages or hashes.");
  const auto entries = stages::list_entries(root);
  Sum sum;
  constexpr std::size_t kShortestHash = 6;
  for (const auto& name : names) {
    std::size_t num_matches = 0;
    for (const auto& entry : entries) {
      const bool matches = entry.stage == name || (name.size() >= kShortestHash && entry.hash.starts_with(name));
      if (!matches) continue;
      ++num_matches;
      if (stages::remove_entry(root, entry)) sum.add(entry);
    }
    if (num_matches == 0) {
      std::vector<std::string> known;
      for (const auto& entry : entries) {
        if (std::find(known.begin(), known.end(), entry.stage) == known.end()) known.push_back(entry.stage);
      }
      throw core::DataError(fmt::format("no entry is called '{}'", name), root.string(),
                            core::did_you_mean(name, known));
    }
  }
  stages::recount(root);
  fmt::print("Removed {} entries, {}\n", sum.count, bytes_text(sum.bytes));
  return 0;
}

}  // namespace

int cache_command(const Arguments& arguments) {
  const std::string what = arguments.empty() ? "" : arguments[0];
  const Arguments rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
  if (what == "ls") return list(rest);
  if (what == "gc") return collect_garbage(rest);
  if (what == "verify") return verify(rest);
  if (what == "rm") return remove(rest);
  if (what == "-h" || what == "--help") {
    fmt::print("Usage: normadd cache ls|gc|verify|rm [flags]; each has --help.\n");
    return 0;
  }
  throw core::ConfigError("unknown verb 'cache " + what + "'", "",
                          core::did_you_mean(what, {"ls", "gc", "verify", "rm"}));
}

}  // namespace normadd::tools
