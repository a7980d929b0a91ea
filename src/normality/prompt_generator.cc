// SPDX-License-Identifier: Apache-2.0
#include "normality/prompt_generator.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ctime>

#include "core/error.h"

namespace normadd::normality {
namespace {

/// More would only confuse the model, and fill its context.
constexpr std::size_t kMostProblemsTold = 10;
constexpr std::size_t kLongestAnswerShown = 4000;

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

std::string problems_text(const std::vector<std::string>& problems) {
  const std::size_t num_told = std::min(problems.size(), kMostProblemsTold);
  return fmt::format("- {}",
                     fmt::join(problems.begin(), problems.begin() + static_cast<std::ptrdiff_t>(num_told), "\n- "));
}

std::string unusable_text(const std::vector<RejectedAnswer>& rejected) {
  const auto& problems = rejected.back().problems;
  return fmt::format("no usable answer after {} attempt{}; the last: {}{}", rejected.size(),
                     rejected.size() == 1 ? "" : "s", problems.front(),
                     problems.size() > 1 ? fmt::format(" (and {} more)", problems.size() - 1) : "");
}

}  // namespace

void GeneratorOptions::describe(config::Options& o) {
  chat.describe(o);
  o.field("num_phrases", num_phrases).help("phrases per pair").range(1, 100);
  o.field("attempts", attempts).help("answers asked for until one is usable").range(1, 20);
  o.field("longest_phrase", longest_phrase).help("limit of a phrase").unit("characters").range(8, 1000);
}

PromptGenerator::PromptGenerator(GeneratorOptions options, PromptInstruction instruction, AnswerRules rules,
                                 std::filesystem::path cache_folder)
    : options_(std::move(options)),
      instruction_(std::move(instruction)),
      rules_(std::move(rules)),
      cache_(std::move(cache_folder)) {
  while (options_.chat.base_url.ends_with('/')) options_.chat.base_url.pop_back();
  rules_.n = options_.num_phrases;
  rules_.longest = options_.longest_phrase;
  rules_.names_category = instruction_.names_category;
  rules_.frame.default_positive.clear();
  rules_.frame.type_positive.clear();
  rules_.frame.pair_positive.clear();
}

std::optional<GeneratedPair> PromptGenerator::cached(const PromptPair& pair) const {
  auto answer = cache_.find(key_of(pair));
  if (!answer) return std::nullopt;
  auto judged = judge(answer->content, false, pair);
  if (!judged.problems.empty()) return std::nullopt;
  return GeneratedPair{pair, std::move(judged.phrases), std::move(answer), true, ""};
}

GeneratedPair PromptGenerator::ask(ChatEndpoint& endpoint, const PromptPair& pair) const {
  auto messages = messages_for(pair);
  RawAnswer raw;
  raw.key = key_of(pair);
  try {
    for (int attempt = 0; attempt < options_.attempts; ++attempt) {
      const ChatAnswer answer = endpoint.ask(messages, answer_schema(options_.num_phrases));
      auto judged = judge(answer.content, answer.cut_off, pair);
      if (judged.problems.empty()) {
        raw.model = answer.model;
        raw.fingerprint = answer.fingerprint;
        raw.content = answer.content;
        raw.date = utc_now();
        cache_.store(raw);
        return {pair, std::move(judged.phrases), std::move(raw), false, ""};
      }
      raw.rejected.push_back({answer.content, judged.problems});
      // Only the last answer is shown again: a conversation that grows would outgrow a small model's context.
      messages = messages_for(pair);
      messages.push_back({"assistant", answer.content.substr(0, kLongestAnswerShown)});
      messages.push_back({"user", fill_in(instruction_.retry, pair.category, pair.type, options_.num_phrases,
                                          problems_text(judged.problems))});
    }
  } catch (const ChatFailure& failure) {
    if (failure.unreachable()) throw;
    return {pair, {}, {}, false, failure.message()};
  }
  std::string failure = unusable_text(raw.rejected);
  return {pair, {}, std::move(raw), false, std::move(failure)};
}

std::vector<ChatMessage> PromptGenerator::messages_for(const PromptPair& pair) const {
  std::vector<ChatMessage> messages;
  const auto add = [&](const char* role, const std::string& text) {
    if (!text.empty()) messages.push_back({role, fill_in(text, pair.category, pair.type, options_.num_phrases)});
  };
  add("system", instruction_.system);
  add("user", instruction_.user);
  return messages;
}

std::vector<GeneratedPair> PromptGenerator::generate(ChatEndpoint& endpoint, const std::vector<PromptPair>& pairs,
                                                     bool refresh,
                                                     const std::function<void(const GeneratedPair&)>& done) const {
  std::vector<GeneratedPair> results;
  std::optional<ChatFailure> gone;
  for (const auto& pair : pairs) {
    auto result = refresh ? std::nullopt : cached(pair);
    if (!result && gone) result = GeneratedPair{pair, {}, {}, false, "not asked, since " + gone->message()};
    if (!result) {
      try {
        result = ask(endpoint, pair);
      } catch (const ChatFailure& failure) {
        gone = failure;
        result = GeneratedPair{pair, {}, {}, false, failure.message()};
      }
    }
    done(*result);
    results.push_back(std::move(*result));
  }
  const bool has_phrases = std::ranges::any_of(results, [](const auto& result) { return !result.phrases.empty(); });
  if (gone && !has_phrases) throw *gone;
  return results;
}

PromptSet PromptGenerator::assemble(const std::filesystem::path& file, const std::string& host,
                                    const std::vector<GeneratedPair>& pairs) const {
  PromptSet set = rules_.frame;
  set.file = file;
  set.name = file.stem().string();
  PromptProvenance provenance;
  provenance.instruction = instruction_.name;
  provenance.instruction_version = instruction_.version;
  provenance.instruction_sha256 = instruction_.sha256;
  provenance.model_asked = options_.chat.model;
  provenance.host = host;
  provenance.num_phrases = options_.num_phrases;
  provenance.temperature = options_.chat.temperature;
  provenance.seed = options_.chat.seed;
  provenance.answers = set.name + ".answers.jsonl";
  for (const auto& result : pairs) {
    if (result.phrases.empty()) {
      provenance.missing.push_back(result.pair.text());
      continue;
    }
    set.pair_positive[result.pair.category][result.pair.type] = result.phrases;
    const RawAnswer& answer = *result.answer;
    if (std::ranges::find(provenance.model, answer.model) == provenance.model.end()) {
      provenance.model.push_back(answer.model);
    }
    // Of the answers, not of the writing: asking for nothing new writes the same file again.
    provenance.date = std::max(provenance.date, answer.date);
  }
  set.author = fmt::format("{}, asked by normadd prompts generate", fmt::join(provenance.model, " and "));
  set.description =
      fmt::format("{} phrases per pair by a language model, in the templates and with the negatives of {}.",
                  options_.num_phrases, rules_.frame.name);
  set.provenance = std::move(provenance);
  return set;
}

AnswerKey PromptGenerator::key_of(const PromptPair& pair) const {
  const ChatOptions& chat = options_.chat;
  return {chat.base_url, chat.model,           instruction_.name, instruction_.sha256, pair.category,
          pair.type,     options_.num_phrases, chat.temperature,  chat.seed,           chat.max_tokens};
}

JudgedAnswer PromptGenerator::judge(const std::string& content, bool cut_off, const PromptPair& pair) const {
  return judge_answer(content, cut_off, pair.category, pair.type, rules_);
}

std::string answers_text(const std::vector<GeneratedPair>& pairs) {
  std::string text;
  for (const auto& result : pairs) {
    if (result.answer) text += to_json_line(*result.answer);
  }
  return text;
}

void refuse_to_lose(const PromptSet& earlier, const PromptSet& next, bool overwrite,
                    const std::function<std::optional<Phrases>(const PromptPair&)>& kept) {
  if (!earlier.provenance) {
    throw core::OutputError("there is a prompt set of this name that was not generated", earlier.file.string(),
                            "Choose another name; hand-written sets are never replaced.");
  }
  if (overwrite) return;
  const auto refuse = [&](const std::string& what) {
    throw core::OutputError(what, earlier.file.string(), "Choose another name, or replace it with --overwrite.");
  };
  if (earlier.templates != next.templates || earlier.negative != next.negative ||
      earlier.spaces_in_names != next.spaces_in_names) {
    refuse("there is a generated set of this name with other templates or negatives");
  }
  for (const auto& [category, types] : earlier.pair_positive) {
    for (const auto& [type, phrases] : types) {
      if (kept({category, type}) != std::optional<Phrases>(phrases)) {
        refuse(fmt::format("the set of this name has phrases for {}/{} that this command would drop or replace",
                           category, type));
      }
    }
  }
}

}  // namespace normadd::normality
