// SPDX-License-Identifier: Apache-2.0
// What a language model answered, judged: the phrases of a pair, or everything that is wrong with them.
#pragma once

#include <string>
#include <vector>

#include "networks/tokenizer.h"
#include "normality/prompt_set.h"

namespace normadd::normality {

/// What the phrases of a pair must be like.
struct AnswerRules {
  int n = 10;                   // exactly so many
  int longest = 120;            // characters of a phrase
  bool names_category = false;  // every phrase contains the category's name
  PromptSet frame;              // its templates and negatives surround the phrases
  networks::Tokenizer tokenizer;
  int context = 77;  // most tokens of a phrase in any template, start and end included
};

struct JudgedAnswer {
  Phrases phrases;                    // as they go into a prompt set: {category} stands for the category's name
  std::vector<std::string> problems;  // sentences that the model is told; without any, the phrases are complete
};

/// content: a JSON object {"descriptions": [texts]} or an array of texts, bare or inside a ``` fence, after the model's
/// <think> part if it has one. White space, a final full stop and an article in front are taken off each text. Checked:
/// number, length, duplicates (whatever the case), plain text without braces or markup, the category's name, tokens,
/// phrases that are among the negatives. cut_off: the server says that the answer ended at its limit of tokens.
JudgedAnswer judge_answer(const std::string& content, bool cut_off, const std::string& category,
                          const std::string& type, const AnswerRules& rules);

/// The JSON schema of an answer, as text, for servers that can enforce it.
std::string answer_schema(int n);

}  // namespace normadd::normality
