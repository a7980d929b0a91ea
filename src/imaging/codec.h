// SPDX-License-Identifier: Apache-2.0
// Reading and writing picture files (OpenCV's codecs). EXIF orientation is ignored, as in the reference detectors.
#pragma once

#include <filesystem>

#include "imaging/image.h"

namespace normadd::imaging {

/// RGB, 8 bit; grey files are replicated to three channels, 16-bit files scaled down, alpha dropped.
/// Throws DataError naming the file when it is missing, empty, truncated or not a picture.
Image read_image(const std::filesystem::path& path);

/// A mask file, any depth or channel count: 1 where any channel is > 0. Same errors.
Mask read_mask(const std::filesystem::path& path);

/// Size in pixels, decoding as little as possible; also fails on truncated files only when read_image would.
Size read_image_size(const std::filesystem::path& path);

/// PNG with one or three channels, atomically. Masks hold 0/1: scale with mask_to_grey first for a visible file.
/// is_small: a third fewer bytes for twice the time; the pixels are the same.
void write_png(const std::filesystem::path& path, const Image& image, bool is_small = false);

/// 0/1 to 0/255.
Image mask_to_grey(const Mask& mask);

}  // namespace normadd::imaging
