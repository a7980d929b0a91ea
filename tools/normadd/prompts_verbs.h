// SPDX-License-Identifier: Apache-2.0
// The verbs below "normadd prompts", and where they find prompt sets.
#pragma once

#include <filesystem>
#include <string>

#include "networks/tokenizer.h"
#include "normadd/commands.h"

namespace normadd::tools {

int prompts_generate(const Arguments& arguments);
int prompts_list(const Arguments& arguments);
int prompts_show(const Arguments& arguments);

/// data/prompts of the program.
std::filesystem::path shipped_prompts();

/// The set's file in the folder, or else among the shipped ones.
std::filesystem::path prompt_set_file(const std::filesystem::path& folder, const std::string& name);

/// The vocabulary of a CLIP model's folder and how many tokens a text may have there.
struct TokenCounter {
  networks::Tokenizer tokenizer;
  int context = 77;

  /// Start, text, end.
  std::vector<std::int64_t> ids(const std::string& text) const;
};

/// context: 0 = what the folder's open_clip_config.json says, 77 when it has none.
TokenCounter token_counter(const std::filesystem::path& clip_folder, int context);

}  // namespace normadd::tools
