// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "normadd/command_line.h"
#include "normadd/prompts_verbs.h"
#include "normality/prompt_files.h"
#include "normality/prompt_set.h"

namespace normadd::tools {
namespace {

std::size_t num_pairs(const normality::PromptSet& set) {
  std::size_t count = 0;
  for (const auto& [category, types] : set.pair_positive) count += types.size();
  return count;
}

/// "any pair", or "30 pairs, 10 types on any category".
std::string coverage(const normality::PromptSet& set) {
  if (!set.default_positive.empty()) return "any pair";
  std::vector<std::string> parts;
  if (num_pairs(set) > 0) parts.push_back(fmt::format("{} pairs", num_pairs(set)));
  if (!set.type_positive.empty()) parts.push_back(fmt::format("{} types on any category", set.type_positive.size()));
  if (set.provenance && !set.provenance->missing.empty()) {
    parts.push_back(fmt::format("{} missing", set.provenance->missing.size()));
  }
  return parts.empty() ? "no pair" : fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

int prompts_list(const Arguments& arguments) {
  cxxopts::Options options("normadd prompts list", "Lists the prompt sets: who wrote them and which pairs they cover.");
  // clang-format off
  options.add_options()
      ("folder", "further prompt sets, listed before the shipped ones", cxxopts::value<std::string>()->default_value(shipped_prompts().string()))
      ("json", "machine-readable output")
      ("h,help", "this text");
  // clang-format on
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const std::filesystem::path folder = flags["folder"].as<std::string>();
  if (!std::filesystem::is_directory(folder)) {
    throw core::DataError("there is no such folder", folder.string(), "Check --folder.");
  }
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  if (flags.count("json") == 0) fmt::print("{:<16} {:<34} {}\n", "name", "covers", "author");
  std::set<std::string> seen;
  std::size_t num_unreadable = 0;
  for (const auto& place : {folder, shipped_prompts()}) {
    for (const auto& name : normality::yaml_names(place)) {
      if (!seen.insert(name).second) continue;
      try {
        const auto set = normality::read_prompt_set(place / (name + ".yaml"));
        if (flags.count("json") > 0) {
          json.push_back({{"name", name},
                          {"file", set.file.string()},
                          {"author", set.author},
                          {"description", set.description},
                          {"generated", set.provenance.has_value()},
                          {"any_pair", !set.default_positive.empty()},
                          {"num_types", set.type_positive.size()},
                          {"num_pairs", num_pairs(set)}});
        } else {
          fmt::print("{:<16} {:<34} {}\n", name, coverage(set), set.author);
        }
      } catch (const core::Error& error) {
        ++num_unreadable;
        fmt::print(stderr, "normadd: {}\n", error.what());
      }
    }
  }
  if (flags.count("json") > 0) {
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return num_unreadable > 0 ? 2 : 0;
}

}  // namespace normadd::tools
