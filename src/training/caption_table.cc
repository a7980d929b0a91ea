// SPDX-License-Identifier: Apache-2.0
#include "training/caption_table.h"

namespace normadd::training {

CaptionTable draw_captions(core::RandomStream&) { return {}; }
networks::Tokenizer learn_tokenizer(std::uint64_t, int) { return networks::Tokenizer::from_merges({}); }

}  // namespace normadd::training
