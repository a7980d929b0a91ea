// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "config/compose.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/log.h"
#include "normadd/home.h"
#include "normadd/option_flags.h"
#include "normadd/prompt_pairs.h"
#include "normadd/prompts_verbs.h"
#include "normality/prompt_generator.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using normality::GeneratedPair;
using normality::GeneratorOptions;
using normality::PromptGenerator;
using normality::PromptPair;
using normality::PromptSet;

cxxopts::Options generate_options() {
  cxxopts::Options options("normadd prompts generate",
                           "Asks a language model (any OpenAI-compatible chat endpoint) for descriptions of each added "
                           "type and writes a prompt set.");
  options.custom_help("[flags]");
  options.positional_help("NAME [dataset=NAME dataset.KEY=VALUE ...]");
  add_option_flags(options, config::fields_of<GeneratorOptions>(), {{"num_phrases", "n"}});
  // clang-format off
  options.add_options()
      ("pairs", "CATEGORY/TYPE,... instead of all pairs of a dataset", cxxopts::value<std::string>()->default_value(""))
      ("config-dir,cd", "further folder of configurations, for own datasets", cxxopts::value<std::string>())
      ("key-variable", "environment variable that holds the key, if the server wants one", cxxopts::value<std::string>()->default_value("OPENAI_API_KEY"))
      ("instruction", "what the model is told: a name in data/prompts/instructions, or a file", cxxopts::value<std::string>()->default_value("describe"))
      ("frame", "prompt set whose templates and negatives are taken over", cxxopts::value<std::string>()->default_value("described"))
      ("clip", "CLIP model folder whose tokenizer and context limit the texts; none: the shipped vocabulary, which splits finer than CLIP's, and 77", cxxopts::value<std::string>()->default_value("none"))
      ("folder", "where the set is written", cxxopts::value<std::string>()->default_value(shipped_prompts().string()))
      ("cache", "where answers are kept", cxxopts::value<std::string>()->default_value("results/cache/prompts"))
      ("dry-run", "say what would be asked, and ask nothing")
      ("refresh", "ask again for what is kept")
      ("overwrite", "replace a generated set even where that drops or changes phrases")
      ("json", "machine-readable output")
      ("q,quiet", "only warnings and the result")
      ("h,help", "this text")
      ("what", "name and overrides", cxxopts::value<std::vector<std::string>>());
  // clang-format on
  options.parse_positional({"what"});
  return options;
}

/// A name that a file, a list of overrides and a table can hold.
void check_name(const std::string& name) {
  const bool is_plain = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (!is_plain || name.front() == '-') {
    throw core::ConfigError(fmt::format("'{}' is no name for a prompt set", name), "",
                            "Use letters, digits, _ and -: normadd prompts generate mine --pairs carpet/thread ...");
  }
}

fs::path instruction_file(const std::string& given, const fs::path& folder) {
  if (given.find('/') != std::string::npos || given.ends_with(".yaml")) return given;
  const auto own = folder / "instructions" / (given + ".yaml");
  return fs::is_regular_file(own) ? own : shipped_prompts() / "instructions" / (given + ".yaml");
}

normality::AnswerRules rules_from(const cxxopts::ParseResult& flags, const fs::path& folder) {
  constexpr int kClipContext = 77;
  const auto clip = flags["clip"].as<std::string>();
  auto counter =
      clip == "none" ? token_counter(home() / "data" / "weights" / "micro_clip", kClipContext) : token_counter(clip, 0);
  return {.frame = normality::read_prompt_set(prompt_set_file(folder, flags["frame"].as<std::string>())),
          .tokenizer = std::move(counter.tokenizer),
          .context = counter.context};
}

Json messages_json(const PromptGenerator& generator, const PromptPair& pair) {
  Json messages = Json::array();
  for (const auto& message : generator.messages_for(pair)) {
    messages.push_back({{"role", message.role}, {"content", message.content}});
  }
  return messages;
}

int print_plan(const PromptGenerator& generator, const std::vector<PromptPair>& pairs, bool refresh, bool as_json) {
  std::vector<PromptPair> asked;
  Json json = Json::array();
  std::string lines;
  for (const auto& pair : pairs) {
    const bool kept = !refresh && generator.cached(pair).has_value();
    if (!kept) asked.push_back(pair);
    lines += fmt::format("  {:<36} {}\n", pair.text(), kept ? "kept" : "to ask");
    json.push_back({{"category", pair.category},
                    {"type", pair.type},
                    {"kept", kept},
                    {"messages", messages_json(generator, pair)}});
  }
  const auto& options = generator.options();
  const auto& instruction = generator.instruction();
  if (as_json) {
    fmt::print("{}\n", Json{{"base_url", options.chat.base_url},
                            {"model", options.chat.model},
                            {"instruction", instruction.name},
                            {"instruction_sha256", instruction.sha256},
                            {"num_calls", asked.size()},
                            {"pairs", json}}
                           .dump(2, ' ', false, Json::error_handler_t::replace));
    return 0;
  }
  fmt::print("endpoint     {}\nmodel        {}\ninstruction  {}, version {}, sha256 {}\n", options.chat.base_url,
             options.chat.model, instruction.name, instruction.version, instruction.sha256);
  fmt::print("{} pairs: {} kept, {} to ask: {} calls, {} at most if no answer but the last is usable\n{}", pairs.size(),
             pairs.size() - asked.size(), asked.size(), asked.size(),
             asked.size() * static_cast<std::size_t>(options.attempts), lines);
  if (asked.empty()) return 0;
  fmt::print("\nThe first question ({}):\n", asked.front().text());
  for (const auto& message : generator.messages_for(asked.front())) {
    fmt::print("--- {}\n{}\n", message.role, message.content);
  }
  return 0;
}

/// The same words for two types of a category tell neither from the other.
void warn_of_shared_phrases(const PromptSet& set) {
  for (const auto& [category, types] : set.pair_positive) {
    std::map<std::string, std::string> owner;
    for (const auto& [type, phrases] : types) {
      for (const auto& phrase : phrases) {
        const auto [first, is_new] = owner.emplace(phrase, type);
        if (is_new) continue;
        core::log_warning(fmt::format("{}: '{}' stands for {} and for {}", category, phrase, first->second, type));
      }
    }
  }
}

/// Two files beside each other; the raw answers first, so that no set names answers that are not there.
void write_set(const PromptSet& set, const std::vector<GeneratedPair>& results) {
  core::write_file_atomically(set.file.parent_path() / set.provenance->answers, normality::answers_text(results));
  core::write_file_atomically(
      set.file,
      "# Written by normadd prompts generate. Edited by hand it keeps its edits: the program replaces no phrase "
      "without --overwrite.\n" +
          config::to_yaml(normality::to_value(set)));
  if (fs::weakly_canonical(set.file.parent_path()) != fs::weakly_canonical(shipped_prompts())) return;
  // Among the program's own sets it can be chosen like those: prompts=NAME.
  const auto choice = home() / "configs" / "prompts" / (set.name + ".yaml");
  if (fs::exists(choice)) return;
  core::write_file_atomically(choice, fmt::format("# data/prompts/{0}.yaml\nsets: [{0}]\n"
                                                  "folder: ${{oc.env:NORMADD_HOME}}/data/prompts\n",
                                                  set.name));
}

std::string usage_of(const PromptSet& set) {
  if (fs::weakly_canonical(set.file.parent_path()) == fs::weakly_canonical(shipped_prompts())) {
    return fmt::format("normadd run prompts={0}, normadd prompts show {0}", set.name);
  }
  const auto folder = set.file.parent_path().string();
  return fmt::format("normadd run prompts.folder={0} 'prompts.sets=[{1}]', normadd prompts show {1} --folder {0}",
                     folder, set.name);
}

int report(const PromptSet& set, const std::vector<GeneratedPair>& results, std::size_t num_calls, bool as_json) {
  std::size_t num_failed = 0, num_kept = 0;
  Json pairs = Json::array();
  for (const auto& result : results) {
    num_failed += result.phrases.empty() ? 1 : 0;
    num_kept += result.from_cache ? 1 : 0;
    const char* status = result.phrases.empty() ? "failed" : result.from_cache ? "kept" : "asked";
    pairs.push_back({{"category", result.pair.category}, {"type", result.pair.type}, {"status", status}});
    if (!result.failure.empty()) pairs.back()["failure"] = result.failure;
  }
  const bool written = num_failed < results.size();
  if (as_json) {
    fmt::print("{}\n", Json{{"file", written ? Json(set.file.string()) : Json(nullptr)},
                            {"num_calls", num_calls},
                            {"num_failed", num_failed},
                            {"pairs", pairs}}
                           .dump(2, ' ', false, Json::error_handler_t::replace));
  } else if (written) {
    fmt::print("Wrote {}: {} of {} pairs ({} kept, {} asked, {} calls)\n", set.file.string(),
               results.size() - num_failed, results.size(), num_kept, results.size() - num_failed - num_kept,
               num_calls);
    if (num_failed > 0) fmt::print("Missing: {}\n", fmt::join(set.provenance->missing, ", "));
    fmt::print("Use it: {}\n", usage_of(set));
  }
  if (!written) fmt::print(stderr, "normadd: no pair has a usable answer; no prompt set was written\n");
  return num_failed > 0 ? 1 : 0;
}

}  // namespace

int prompts_generate(const Arguments& arguments) {
  auto options = generate_options();
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  auto what = repeated_flag(flags, "what");
  if (what.empty() || what.front().find('=') != std::string::npos) {
    throw core::ConfigError("the new prompt set has no name", "",
                            "Usage: normadd prompts generate mine --base-url URL --model MODEL --pairs carpet/thread");
  }
  const std::string name = what.front();
  what.erase(what.begin());
  check_name(name);
  core::set_quiet(flags.count("quiet") > 0);
  const fs::path folder = flags["folder"].as<std::string>();
  std::vector<fs::path> search_paths{home() / "configs"};
  if (flags.count("config-dir") > 0) search_paths.insert(search_paths.begin(), flags["config-dir"].as<std::string>());
  const bool refresh = flags.count("refresh") > 0, as_json = flags.count("json") > 0;

  const PromptGenerator generator(
      options_from_flags<GeneratorOptions>(flags),
      normality::read_prompt_instruction(instruction_file(flags["instruction"].as<std::string>(), folder)),
      rules_from(flags, folder), flags["cache"].as<std::string>());
  const auto pairs = prompt_pairs(comma_separated(flags, "pairs"), what, search_paths);
  const fs::path file = folder / (name + ".yaml");
  if (fs::exists(file)) {
    normality::refuse_to_lose(normality::read_prompt_set(file), generator.frame(),
                              refresh || flags.count("overwrite") > 0, [&](const PromptPair& pair) {
                                const bool wanted = std::ranges::find(pairs, pair) != pairs.end();
                                const auto kept = wanted ? generator.cached(pair) : std::nullopt;
                                return kept ? std::optional(kept->phrases) : std::nullopt;
                              });
  }
  if (flags.count("dry-run") > 0) return print_plan(generator, pairs, refresh, as_json);

  const auto variable = flags["key-variable"].as<std::string>();
  const char* key = std::getenv(variable.c_str());
  normality::ChatEndpoint endpoint(generator.options().chat, key != nullptr ? key : "", variable);
  const auto results = generator.generate(endpoint, pairs, refresh, [&](const GeneratedPair& result) {
    if (result.phrases.empty()) {
      core::log_warning(fmt::format("{}: {}", result.pair.text(), result.failure));
    } else if (!result.from_cache) {
      core::log_info(fmt::format("{}: {} phrases", result.pair.text(), result.phrases.size()));
    }
  });
  const auto set = generator.assemble(file, endpoint.host(), results);
  if (!set.pair_positive.empty()) {
    warn_of_shared_phrases(set);
    write_set(set, results);
  }
  return report(set, results, endpoint.num_calls(), as_json);
}

}  // namespace normadd::tools
