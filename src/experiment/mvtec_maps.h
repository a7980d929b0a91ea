// SPDX-License-Identifier: Apache-2.0
// Kept anomaly maps in the layout and size that MVTec's own evaluation scripts read:
//   OUT/CATEGORY/test/TYPE/NAME.tiff     one float32 page of the picture's size
// Source: mvtec_ad_evaluation (https://www.mvtec.com/company/research/datasets/mvtec-ad), parse_dataset_files,
// read_tiff and compute_pro: every *.png of DATASET/CATEGORY/test/TYPE needs one file of its name with a TIFF ending,
// and the map must have the shape of the ground truth.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "reporting/run_listing.h"

namespace normadd::experiment {

struct WrittenMaps {
  std::filesystem::path folder;  // what the scripts call anomaly_maps_dir
  std::size_t num_maps = 0;
};

/// Brings the maps of maps/DETECTOR to the size of their pictures (bilinear), as metrics.resolution=image does: outside
/// the crop, of which a map says nothing, it gets its lowest value. One detector: into out; several: into out/DETECTOR.
/// The pictures are looked for in the run's dataset when the run saw several sizes. Throws DataError when the run kept
/// no maps, for damaged ones and for pictures that are needed and not there, OutputError.
std::vector<WrittenMaps> export_mvtec_maps(const reporting::ListedRun& run, const std::filesystem::path& out);

}  // namespace normadd::experiment
