// SPDX-License-Identifier: Apache-2.0
// What the language model is told: a versioned file with the texts and their placeholders.
// A file data/prompts/instructions/NAME.yaml has
//   version, description        raise the version whenever a text changes
//   names_category              every phrase must contain the category's name (default false)
//   system                      may be empty
//   user                        the request; needs {category} and {type}
//   retry                       what follows an answer that cannot be used; needs {problems}
// {category}, {type} and {n} are replaced in all three. Source of the role: arXiv 2407.19849 (prompt generator); its
// wording is unpublished, the texts are ours.
#pragma once

#include <filesystem>
#include <string>

namespace normadd::normality {

struct PromptInstruction {
  std::string name;  // the file's, without .yaml
  int version = 0;
  std::string description;
  bool names_category = false;
  std::string system, user, retry;
  std::string sha256;  // of the file
};

/// Throws DataError when the file is missing (naming those beside it), ConfigError with file:line for malformed YAML,
/// unknown keys, missing texts and unknown placeholders.
PromptInstruction read_prompt_instruction(const std::filesystem::path& file);

/// A text of the instruction for one request, underscores of the names as spaces.
std::string fill_in(const std::string& text, const std::string& category, const std::string& type, int n,
                    const std::string& problems = "");

}  // namespace normadd::normality
