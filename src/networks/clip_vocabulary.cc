// SPDX-License-Identifier: Apache-2.0
#include "networks/clip_vocabulary.h"

// The assembler copies the file into the read-only data; a byte array in C++ source would take a minute to compile.
__asm__(
    ".section .rodata\n"
    ".global normadd_clip_vocabulary_begin\n"
    ".global normadd_clip_vocabulary_end\n"
    "normadd_clip_vocabulary_begin:\n"
    ".incbin \"" NORMADD_CLIP_VOCABULARY
    "\"\n"
    "normadd_clip_vocabulary_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" const char normadd_clip_vocabulary_begin[], normadd_clip_vocabulary_end[];

namespace normadd::networks {

std::string_view packed_clip_vocabulary() {
  return {normadd_clip_vocabulary_begin,
          static_cast<std::size_t>(normadd_clip_vocabulary_end - normadd_clip_vocabulary_begin)};
}

}  // namespace normadd::networks
