// SPDX-License-Identifier: Apache-2.0
// Anomaly maps as files, the way other tools keep them: TIFF, NumPy's NPY, grey PNG.
#pragma once

#include <filesystem>
#include <optional>

#include "imaging/image.h"

namespace normadd::imaging {

/// What the whole numbers of a file stand for: value = scale * pixel + offset.
struct MapScale {
  std::optional<double> scale;
  double offset = 0;
};

/// More pixels than any map has; files that claim more are damaged.
inline constexpr std::int64_t kLargestMap = std::int64_t{1} << 28;

/// One map [H, W], told apart by content, not by name:
///   TIFF of one page and one channel: float32 (bit for bit), float16, float64, uint8 or uint16 in strips or tiles,
///   whatever compression LibTIFF knows;
///   NPY of (H, W), (1, H, W) or (H, W, 1): float16, float32 (bit for bit) or float64, either byte order, C or Fortran;
///   PNG, grey, 8 or 16 bit: needs a scale, since its numbers alone say nothing.
/// scale acts on whole numbers only; TIFFs of whole numbers are taken as they are without one. Negative values pass.
/// Throws DataError naming the file when it is missing, truncated, of another kind, has several channels or pages, or
/// holds NaN or infinity.
Map read_map(const std::filesystem::path& path, const MapScale& scale = {});

/// One uncompressed float32 page, atomically: what tifffile and MVTec's evaluation scripts read. Throws OutputError.
void write_tiff_map(const std::filesystem::path& path, const Map& map);

/// NPY 1.0, '<f4', (H, W), atomically. Throws OutputError.
void write_npy_map(const std::filesystem::path& path, const Map& map);

/// For uses that multiply: throws DataError naming the file and the lowest value when one is below 0.
void require_non_negative(const Map& map, const std::filesystem::path& path);

}  // namespace normadd::imaging
