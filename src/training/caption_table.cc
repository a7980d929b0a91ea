// SPDX-License-Identifier: Apache-2.0
#include "training/caption_table.h"

#include "datasets/captions.h"
#include "datasets/procedural.h"

namespace normadd::training {
namespace {

/// Enough draws that every template, pattern and synonym occurs often, and made-up nouns fill the rarer letters.
constexpr int kTokenizerTables = 30;

/// Half of the texts of a category share a noun, as the two sides of a prompt set do; the others have their own, so
/// that the noun alone cannot tell normal from defective.
constexpr double kSharedNoun = 0.5;

}  // namespace

CaptionTable draw_captions(core::RandomStream& random) {
  const auto& categories = datasets::procedural_training_categories();
  const auto& types = datasets::procedural_defect_types();
  CaptionTable table{static_cast<std::int64_t>(categories.size()), static_cast<std::int64_t>(1 + types.size()), {}};
  for (const auto& category : categories) {
    const std::string shared = datasets::draw_noun(random, category);
    const auto add = [&](const std::string& type) {
      const std::string noun = random.chance(kSharedNoun) ? shared : datasets::draw_noun(random, category);
      table.texts.push_back(datasets::draw_caption(random, noun, type));
    };
    add("good");
    for (const auto& type : types) add(type);
  }
  return table;
}

networks::Tokenizer learn_tokenizer(std::uint64_t seed, int num_merges) {
  core::RandomStream random(seed, "tokenizer");
  std::vector<std::string> texts;
  for (int i = 0; i < kTokenizerTables; ++i) {
    const CaptionTable table = draw_captions(random);
    texts.insert(texts.end(), table.texts.begin(), table.texts.end());
  }
  return networks::Tokenizer::from_merges(networks::Tokenizer::learn_merges(texts, num_merges));
}

}  // namespace normadd::training
