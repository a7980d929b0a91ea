// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/nearest_name.h"
#include "networks/tokenizer.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "normadd/home.h"
#include "normality/prompt_set.h"

namespace normadd::tools {
namespace {

void print_texts(const char* title, const std::vector<std::string>& texts, const networks::Tokenizer& tokenizer) {
  fmt::print("{} ({})\n", title, texts.size());
  // Start and end tokens count: they take part of the model's context.
  for (const auto& text : texts) fmt::print("  {:>3}  {}\n", tokenizer.encode(text).size() + 2, text);
}

int show(const Arguments& arguments) {
  cxxopts::Options options("normadd prompts show", "Prints the exact texts of a pair, with their token counts.");
  options.positional_help("SET CATEGORY TYPE");
  // clang-format off
  options.add_options()
      ("folder", "where prompt sets are", cxxopts::value<std::string>()->default_value((home() / "data" / "prompts").string()))
      ("model", "CLIP model folder whose tokenizer counts", cxxopts::value<std::string>()->default_value((home() / "data" / "weights" / "micro_clip").string()))
      ("json", "machine-readable output")
      ("what", "set, category, type", cxxopts::value<std::vector<std::string>>())
      ("h,help", "this text");
  // clang-format on
  options.parse_positional({"what"});
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const auto what = repeated_flag(flags, "what");
  if (what.size() != 3) {
    throw core::ConfigError("a prompt set, a category and a type are needed", "",
                            "Usage: normadd prompts show described carpet thread");
  }
  const auto set =
      normality::read_prompt_set(std::filesystem::path(flags["folder"].as<std::string>()) / (what[0] + ".yaml"));
  const auto pair = normality::texts_for(set, what[1], what[2]);
  if (!set.pair_positive.empty() && !set.pair_positive.contains(what[1])) {
    std::vector<std::string> known;
    for (const auto& [category, unused] : set.pair_positive) known.push_back(category);
    fmt::print(stderr, "note: the set has nothing special for the category '{}'. {}\n", what[1],
               core::did_you_mean(what[1], known));
  }
  if (flags.count("json") > 0) {
    fmt::print(
        "{}\n",
        nlohmann::ordered_json{{"key", pair.key}, {"positive", pair.positive}, {"negative", pair.negative}}.dump(2));
    return 0;
  }
  const auto tokenizer = networks::Tokenizer::from_folder(flags["model"].as<std::string>());
  print_texts(fmt::format("shows {} on {}", what[2], what[1]).c_str(), pair.positive, tokenizer);
  print_texts("does not", pair.negative, tokenizer);
  return 0;
}

}  // namespace

int prompts_command(const Arguments& arguments) {
  const std::string verb = arguments.empty() ? "" : arguments[0];
  if (verb == "show") return show({arguments.begin() + 1, arguments.end()});
  if (verb == "-h" || verb == "--help") {
    fmt::print("Usage: normadd prompts show SET CATEGORY TYPE\n");
    return 0;
  }
  throw core::ConfigError("unknown verb 'prompts " + verb + "'", "", core::did_you_mean(verb, {"show"}));
}

}  // namespace normadd::tools
