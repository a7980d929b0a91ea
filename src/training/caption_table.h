// SPDX-License-Identifier: Apache-2.0
// The captions of one training step, and the vocabulary learned from such captions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/random.h"
#include "networks/tokenizer.h"

namespace normadd::training {

/// One text per training category and class {normal, defect types}; category-major.
struct CaptionTable {
  std::int64_t categories = 0;
  std::int64_t classes = 0;  // 1 + number of defect types
  std::vector<std::string> texts;
};

CaptionTable draw_captions(core::RandomStream& random);

/// Byte-pair merges learned from a sample of captions.
networks::Tokenizer learn_tokenizer(std::uint64_t seed, int num_merges);

}  // namespace normadd::training
