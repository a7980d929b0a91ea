// SPDX-License-Identifier: Apache-2.0
// Prompt sets: which texts say "shows the added type" and which say "does not", for every (category, type) pair.
// A file data/prompts/NAME.yaml has
//   name, author, description   who wrote it and how
//   class_name                  as_is (metal_nut) or spaces (metal nut): how category and type names appear in texts
//   templates                   each with one {}: the sentence around a phrase
//   negative                    phrases with {category}
//   positive.default            phrases with {category} and {type} for pairs without own phrases; may be []
//   positive.types.TYPE         phrases for a type on any category
//   positive.pairs.CATEGORY.TYPE   phrases for one pair; they win over types, types over default
//   provenance                  of generated sets: model, date, instruction (prompt_provenance.h)
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/value.h"
#include "normality/normality_detector.h"
#include "normality/prompt_provenance.h"

namespace normadd::normality {

using Phrases = std::vector<std::string>;

struct PromptSet {
  std::string name;
  std::filesystem::path file;
  std::string author;
  std::string description;
  bool spaces_in_names = false;
  Phrases templates;
  Phrases negative;
  Phrases default_positive;
  std::map<std::string, Phrases> type_positive;
  std::map<std::string, std::map<std::string, Phrases>> pair_positive;
  std::optional<PromptProvenance> provenance;  // of generated sets
};

/// Throws DataError with file:line for unknown keys (nearest name), wrong types, templates without exactly one {},
/// phrases with an unknown placeholder; ConfigError with file:line for malformed YAML; DataError when the file is
/// missing, naming the sets that exist beside it.
PromptSet read_prompt_set(const std::filesystem::path& file);

/// The file's content, from which read_prompt_set gives back the same set.
config::Value to_value(const PromptSet& set);

/// How a category or type is called in the set's texts.
std::string spoken_name(std::string name, bool spaces_in_names);

/// The texts of a pair, templates applied, duplicates removed. noun stands for the category in the texts (normally the
/// category itself). Throws DataError naming file and pair when the set has no phrase for it.
TextPair texts_for(const PromptSet& set, const std::string& category, const std::string& type, const std::string& noun);
inline TextPair texts_for(const PromptSet& set, const std::string& category, const std::string& type) {
  return texts_for(set, category, type, category);
}

}  // namespace normadd::normality
