// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/nearest_name.h"
#include "normadd/command_line.h"
#include "normadd/home.h"
#include "normadd/prompts_verbs.h"
#include "normality/prompt_set.h"

namespace normadd::tools {
namespace {

using Json = nlohmann::ordered_json;
using normality::PromptSet;

// Stand for names that a set leaves open.
constexpr const char* kAnyCategory = "{category}";
constexpr const char* kAnyType = "{type}";

struct ShownPair {
  std::string category, type;
  normality::TextPair texts = {};
};

/// Every pair that the set names, of one category or of all; types and defaults without a category keep their
/// placeholders.
std::vector<ShownPair> pairs_of(const PromptSet& set, const std::string& category) {
  std::vector<ShownPair> pairs;
  for (const auto& [name, types] : set.pair_positive) {
    if (!category.empty() && name != category) continue;
    for (const auto& [type, unused] : types) pairs.push_back({name, type});
  }
  const std::string noun = category.empty() ? kAnyCategory : category;
  for (const auto& [type, unused] : set.type_positive) {
    const bool has_own =
        std::ranges::any_of(pairs, [&](const ShownPair& pair) { return !category.empty() && pair.type == type; });
    if (!has_own) pairs.push_back({noun, type});
  }
  if (!set.default_positive.empty()) pairs.push_back({noun, kAnyType});
  return pairs;
}

std::vector<std::string> categories_of(const PromptSet& set) {
  std::vector<std::string> names;
  for (const auto& [category, unused] : set.pair_positive) names.push_back(category);
  return names;
}

bool has_open_name(const std::string& text) {
  return text.find(kAnyCategory) != std::string::npos || text.find(kAnyType) != std::string::npos;
}

/// Tokens of the text; of one with open names, tokens of what stands around them.
std::vector<std::int64_t> ids_of(const TokenCounter& counter, std::string text) {
  for (const std::string name : {kAnyCategory, kAnyType}) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name)) text.erase(at, name.size());
  }
  return counter.ids(text);
}

class Printer {
 public:
  Printer(const PromptSet& set, const TokenCounter& counter) : set_(set), counter_(counter) {}

  void head(const std::string& model) const {
    fmt::print("{} ({})\n", set_.name, set_.file.string());
    if (!set_.author.empty()) fmt::print("  author       {}\n", set_.author);
    if (!set_.description.empty()) fmt::print("  description  {}\n", set_.description);
    if (set_.provenance) provenance(*set_.provenance);
    fmt::print("  tokens       counted with {}, start and end included; at most {}\n\n", model, counter_.context);
  }

  void pair(const ShownPair& shown) {
    list(fmt::format("shows {} on {}", shown.type, shown.category), shown.texts.positive);
    list("does not", shown.texts.negative);
  }

  void totals(std::size_t num_pairs) const {
    fmt::print("{} pair{}, {} texts, {} tokens, longest text {} tokens\n", num_pairs, num_pairs == 1 ? "" : "s",
               num_texts_, num_tokens_, longest_);
    if (num_too_long_ > 0) {
      fmt::print("{} texts marked ! have more than {} tokens: this model cannot read them\n", num_too_long_,
                 counter_.context);
    }
  }

 private:
  static void provenance(const normality::PromptProvenance& from) {
    fmt::print("  model        {} (asked for {}) at {}\n", fmt::join(from.model, ", "), from.model_asked, from.host);
    fmt::print("  asked        {}, {} phrases, temperature {}, seed {}\n", from.date, from.num_phrases,
               from.temperature ? fmt::format("{}", *from.temperature) : "none",
               from.seed ? fmt::format("{}", *from.seed) : "none");
    fmt::print("  instruction  {}, version {}, sha256 {}\n", from.instruction, from.instruction_version,
               from.instruction_sha256);
    fmt::print("  raw answers  {}\n", from.answers);
    if (!from.missing.empty()) fmt::print("  missing      {}\n", fmt::join(from.missing, ", "));
  }

  void list(const std::string& title, const std::vector<std::string>& texts) {
    std::size_t sum = 0;
    std::string lines;
    for (const auto& text : texts) {
      const std::size_t count = ids_of(counter_, text).size();
      const bool too_long = count > static_cast<std::size_t>(counter_.context);
      // + : the names that the text leaves open come on top.
      lines += fmt::format("{} {:>3}{} {}\n", too_long ? '!' : ' ', count, has_open_name(text) ? '+' : ' ', text);
      sum += count;
      longest_ = std::max(longest_, count);
      num_too_long_ += too_long ? 1 : 0;
    }
    num_texts_ += texts.size();
    num_tokens_ += sum;
    fmt::print("{} ({} texts, {} tokens)\n{}", title, texts.size(), sum, lines);
  }

  const PromptSet& set_;
  const TokenCounter& counter_;
  std::size_t num_texts_ = 0, num_tokens_ = 0, longest_ = 0, num_too_long_ = 0;
};

Json json_of(const std::vector<std::string>& texts, const TokenCounter& counter) {
  Json list = Json::array();
  for (const auto& text : texts) {
    const auto ids = ids_of(counter, text);
    list.push_back({{"text", text},
                    {"num_tokens", ids.size()},
                    {"too_long", ids.size() > static_cast<std::size_t>(counter.context)},
                    {"ids", ids}});
  }
  return list;
}

Json json_of(const ShownPair& shown, const TokenCounter& counter) {
  return {{"key", shown.texts.key},
          {"category", shown.category},
          {"type", shown.type},
          {"positive", json_of(shown.texts.positive, counter)},
          {"negative", json_of(shown.texts.negative, counter)}};
}

Json json_of(const normality::PromptProvenance& from) {
  return {{"instruction", from.instruction},
          {"instruction_version", from.instruction_version},
          {"instruction_sha256", from.instruction_sha256},
          {"model_asked", from.model_asked},
          {"model", from.model},
          {"host", from.host},
          {"date", from.date},
          {"num_phrases", from.num_phrases},
          {"temperature", from.temperature ? Json(*from.temperature) : Json(nullptr)},
          {"seed", from.seed ? Json(*from.seed) : Json(nullptr)},
          {"answers", from.answers},
          {"missing", from.missing}};
}

void print_json(const PromptSet& set, const std::vector<ShownPair>& pairs, bool one, const std::string& model,
                const TokenCounter& counter) {
  Json json = one ? json_of(pairs.front(), counter) : Json::object();
  json["set"] = set.name;
  json["author"] = set.author;
  json["description"] = set.description;
  json["provenance"] = set.provenance ? json_of(*set.provenance) : Json(nullptr);
  json["model"] = model;
  json["context"] = counter.context;
  if (!one) {
    json["pairs"] = Json::array();
    for (const auto& pair : pairs) json["pairs"].push_back(json_of(pair, counter));
  }
  fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

int prompts_show(const Arguments& arguments) {
  cxxopts::Options options("normadd prompts show",
                           "Prints the exact texts that are encoded, templates applied, with their token counts.");
  options.custom_help("[flags]");
  options.positional_help("SET [CATEGORY [TYPE]]");
  // clang-format off
  options.add_options()
      ("folder", "where prompt sets are; those that it lacks are taken from the shipped ones", cxxopts::value<std::string>()->default_value(shipped_prompts().string()))
      ("model", "CLIP model folder whose tokenizer counts", cxxopts::value<std::string>()->default_value((home() / "data" / "weights" / "micro_clip").string()))
      ("context", "most tokens of a text, 0 = the model's own", cxxopts::value<int>()->default_value("0"))
      ("json", "machine-readable output, with the token ids")
      ("h,help", "this text")
      ("what", "set, category, type", cxxopts::value<std::vector<std::string>>());
  // clang-format on
  options.parse_positional({"what"});
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const auto what = repeated_flag(flags, "what");
  if (what.empty() || what.size() > 3) {
    throw core::ConfigError("a prompt set is needed, and perhaps a category and a type", "",
                            "Usage: normadd prompts show described carpet thread");
  }
  const PromptSet set = normality::read_prompt_set(prompt_set_file(flags["folder"].as<std::string>(), what[0]));
  const std::string category = what.size() > 1 ? what[1] : "";
  const auto known = categories_of(set);
  if (!category.empty() && !known.empty() && !set.pair_positive.contains(category)) {
    fmt::print(stderr, "note: the set has nothing special for the category '{}'. {}\n", category,
               core::did_you_mean(category, known));
  }
  auto pairs = what.size() == 3 ? std::vector<ShownPair>{{category, what[2]}} : pairs_of(set, category);
  if (pairs.empty()) {
    throw core::DataError(category.empty() ? "the set has no positive phrases"
                                           : fmt::format("the set has no phrases for the category '{}'", category),
                          set.file.string(), core::did_you_mean(category, known));
  }
  for (auto& pair : pairs) pair.texts = normality::texts_for(set, pair.category, pair.type);
  const auto model = flags["model"].as<std::string>();
  const auto counter = token_counter(model, flags["context"].as<int>());
  if (flags.count("json") > 0) {
    print_json(set, pairs, what.size() == 3, model, counter);
    return 0;
  }
  Printer printer(set, counter);
  printer.head(model);
  for (const auto& pair : pairs) {
    printer.pair(pair);
    fmt::print("\n");
  }
  printer.totals(pairs.size());
  return 0;
}

}  // namespace normadd::tools
