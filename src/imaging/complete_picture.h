// SPDX-License-Identifier: Apache-2.0
// OpenCV decodes a truncated PNG or JPEG without a word and leaves the rest grey: the file's end must be looked for.
#pragma once

#include <string>

namespace normadd::imaging {

enum class PictureEnd { kPresent, kMissingInPng, kMissingInJpeg };

/// bytes: a whole file. Files that are neither PNG nor JPEG count as complete.
PictureEnd find_picture_end(const std::string& bytes);

}  // namespace normadd::imaging
