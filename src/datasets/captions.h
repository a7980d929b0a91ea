// SPDX-License-Identifier: Apache-2.0
// Captions of procedural pictures: the only language that the micro CLIP ever reads.
// A caption is a template around a statement; a statement names the object and either one of seven normal states or a
// defect type by one of its synonyms.
#pragma once

#include <string>
#include <vector>

#include "core/random.h"

namespace normadd::datasets {

/// The noun of a training caption: the category's own in 55 of 100 cases, a generic one ("object", "part", ...) in 25,
/// a made-up pronounceable word in 20, so that statements about unknown nouns are understood too.
std::string draw_noun(core::RandomStream& random, const std::string& category);

/// A caption about noun. type is one of procedural_defect_types(), or "good" for a normal state. Throws InternalError
/// otherwise.
std::string draw_caption(core::RandomStream& random, const std::string& noun, const std::string& type);

/// The synonyms under which a defect type appears, its own name first.
const std::vector<std::string>& type_synonyms(const std::string& type);

/// A fixed set of captions for measuring: eight statements (seven for "good") in four templates.
std::vector<std::string> evaluation_captions(const std::string& noun, const std::string& type);

}  // namespace normadd::datasets
