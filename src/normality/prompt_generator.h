// SPDX-License-Identifier: Apache-2.0
// The prompt generator: a language model describes the added type of each pair, and the usable answers become a prompt
// set. Source: arXiv 2407.19849 (prompt generator; instruction, number of phrases and model are unpublished).
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "normality/chat_endpoint.h"
#include "normality/prompt_answer.h"
#include "normality/prompt_answers.h"
#include "normality/prompt_instruction.h"
#include "normality/prompt_set.h"

namespace normadd::normality {

struct GeneratorOptions {
  ChatOptions chat;
  int num_phrases = 10;  // per pair
  int attempts = 3;
  int longest_phrase = 120;
  void describe(config::Options& options);
};

struct PromptPair {
  std::string category, type;
  std::string text() const { return category + "/" + type; }

  bool operator==(const PromptPair&) const = default;
};

struct GeneratedPair {
  PromptPair pair;
  Phrases phrases;                  // empty when there is no usable answer
  std::optional<RawAnswer> answer;  // without content when every answer was rejected
  bool from_cache = false;
  std::string failure;  // one sentence, when phrases is empty
};

class PromptGenerator {
 public:
  /// rules: everything but n, longest and names_category, which options and instruction say.
  PromptGenerator(GeneratorOptions options, PromptInstruction instruction, AnswerRules rules,
                  std::filesystem::path cache_folder);

  /// From the cache alone; an answer that today's rules reject counts as none.
  std::optional<GeneratedPair> cached(const PromptPair& pair) const;

  /// Asks until an answer is usable, at most options.attempts times, each time saying what was wrong, and keeps it.
  /// A pair without one has a failure. Throws what ChatEndpoint::ask throws, but for a ChatFailure that leaves the
  /// endpoint reachable.
  GeneratedPair ask(ChatEndpoint& endpoint, const PromptPair& pair) const;

  /// What is asked first.
  std::vector<ChatMessage> messages_for(const PromptPair& pair) const;

  /// The pairs in order: those kept (unless refresh), the others asked for. done is told each as it is finished. After
  /// an endpoint that cannot be reached any more the rest fails unasked.
  std::vector<GeneratedPair> generate(ChatEndpoint& endpoint, const std::vector<PromptPair>& pairs, bool refresh,
                                      const std::function<void(const GeneratedPair&)>& done) const;

  /// The set of all pairs that have phrases, the others named as missing. host: of the endpoint.
  PromptSet assemble(const std::filesystem::path& file, const std::string& host,
                     const std::vector<GeneratedPair>& pairs) const;

  /// What a set consists of beside its phrases: templates, negatives, how names are written.
  const PromptSet& frame() const { return rules_.frame; }
  const GeneratorOptions& options() const { return options_; }
  const PromptInstruction& instruction() const { return instruction_; }

 private:
  AnswerKey key_of(const PromptPair& pair) const;
  JudgedAnswer judge(const std::string& content, bool cut_off, const PromptPair& pair) const;

  GeneratorOptions options_;
  PromptInstruction instruction_;
  AnswerRules rules_;
  AnswerCache cache_;
};

/// The raw answers of a set, one JSON line per pair: the content of the file that provenance.answers names.
std::string answers_text(const std::vector<GeneratedPair>& pairs);

/// Replacing an earlier set must lose nothing that somebody may want. Throws OutputError when earlier was not
/// generated, has a pair whose phrases are others than kept says, or one of which kept knows nothing (not asked for
/// this time, not in the cache, another model), or stands in other templates or negatives than next. Hand-written sets
/// are never replaced; overwrite allows the rest.
void refuse_to_lose(const PromptSet& earlier, const PromptSet& next, bool overwrite,
                    const std::function<std::optional<Phrases>(const PromptPair&)>& kept);

}  // namespace normadd::normality
