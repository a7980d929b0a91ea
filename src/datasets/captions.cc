// SPDX-License-Identifier: Apache-2.0
#include "datasets/captions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/error.h"

namespace normadd::datasets {
namespace {

// {0} = the statement.
const std::vector<std::string> kTemplates{
    "{0}",
    "a photo of {0}.",
    "a photo of a {0}.",
    "a photo of the {0}.",
    "a close-up photo of a {0}.",
    "a cropped photo of the {0}.",
    "this is a {0}.",
    "a {0} for visual inspection.",
};

// {0} = the noun, {1} = the synonym.
const std::vector<std::string> kDefectPatterns{"{0} with {1}", "{1} on the {0}", "{0} showing {1}", "{0} that has {1}",
                                               "{1} {0}"};

// APRIL-GAN's and WinCLIP's seven normal states.
const std::vector<std::string> kNormalStates{"{0}",
                                             "flawless {0}",
                                             "perfect {0}",
                                             "unblemished {0}",
                                             "{0} without flaw",
                                             "{0} without defect",
                                             "{0} without damage"};

const std::vector<std::string> kGenericNouns{"object", "part", "item", "surface", "product", "sample"};

const std::map<std::string, std::vector<std::string>> kSynonyms{
    {"scratch", {"scratch", "scratches", "scrape marks", "thin straight lines"}},
    {"hole", {"hole", "puncture", "perforation", "small round opening"}},
    {"stain", {"stain", "spilled liquid", "dirty blotch", "dark wet spot"}},
    {"crack", {"crack", "fracture", "fissure", "jagged split"}},
    {"glue", {"glue", "adhesive", "glossy resin drop", "sticky residue"}},
    {"thread", {"thread", "loose fibre", "curly string", "stray yarn"}},
    {"dent", {"dent", "dimple", "pressed bump", "bruise"}},
    {"contamination", {"contamination", "specks of dirt", "small particles", "scattered grains"}},
    {"color", {"color", "discoloration", "tinted patch", "wrong color area"}},
    {"print", {"print", "stamped letters", "printed ink marks", "lettering"}},
};

std::string made_up_word(core::RandomStream& random) {
  static const std::string kConsonants = "bcdfghklmnprstvz", kVowels = "aeiou";
  std::string word;
  for (std::size_t syllables = 2 + random.index(2); syllables > 0; --syllables) {
    word += kConsonants[random.index(kConsonants.size())];
    word += kVowels[random.index(kVowels.size())];
  }
  if (random.chance(0.5)) word += kConsonants[random.index(kConsonants.size())];
  return word;
}

std::string filled(const std::string& pattern, const std::string& first, const std::string& second = "") {
  return fmt::format(fmt::runtime(pattern), first, second);
}

}  // namespace

std::string draw_noun(core::RandomStream& random, const std::string& category) {
  const double choice = random.uniform();
  if (choice < 0.55) return category;
  return choice < 0.80 ? random.pick(kGenericNouns) : made_up_word(random);
}

const std::vector<std::string>& type_synonyms(const std::string& type) {
  const auto found = kSynonyms.find(type);
  NORMADD_CHECK(found != kSynonyms.end(), type);
  return found->second;
}

std::string draw_caption(core::RandomStream& random, const std::string& noun, const std::string& type) {
  std::string statement;
  if (type == "good") {
    statement = filled(random.pick(kNormalStates), noun);
  } else {
    // One statement each: the order in which a call's arguments draw is the compiler's choice.
    const std::string& synonym = random.pick(type_synonyms(type));
    statement = filled(random.pick(kDefectPatterns), noun, synonym);
  }
  return filled(random.pick(kTemplates), statement);
}

std::vector<std::string> evaluation_captions(const std::string& noun, const std::string& type) {
  std::vector<std::string> statements;
  if (type == "good") {
    for (const auto& state : kNormalStates) statements.push_back(filled(state, noun));
  } else {
    for (const auto& synonym : type_synonyms(type)) {
      statements.push_back(filled(kDefectPatterns[0], noun, synonym));
      statements.push_back(filled(kDefectPatterns[1], noun, synonym));
    }
  }
  std::vector<std::string> captions;
  for (std::size_t t = 0; t < 4; ++t) {
    for (const auto& statement : statements) captions.push_back(filled(kTemplates[t], statement));
  }
  return captions;
}

}  // namespace normadd::datasets
