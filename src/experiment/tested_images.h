// SPDX-License-Identifier: Apache-2.0
// The test images of a category with the detector's maps: what every cell of a run starts from.
#pragma once

#include <filesystem>
#include <vector>

#include "datasets/dataset.h"
#include "detectors/detector.h"
#include "experiment/job.h"
#include "experiment/result_tables.h"

namespace normadd::experiment {

/// One entry per test sample of the category, in its order.
struct TestedImages {
  std::vector<detectors::Prediction> predictions;
  std::vector<double> scores;        // maximum of A: the score before
  std::vector<imaging::Mask> masks;  // 0/1 in the map's geometry; no pixels where the mask file is missing
};

/// A category's detector in a folder of detectors, or in the folder of a run that kept them; a run of several detectors
/// has a folder for each. Throws WeightsError.
std::filesystem::path saved_detector(const std::filesystem::path& folder, const std::string& label,
                                     const std::string& category);

/// The category that a saved detector was trained for; empty when its file does not say.
std::string saved_category(const std::filesystem::path& file);

/// Fits the detector on train/good, or loads it when run.load_detectors says so. Throws WeightsError when the file is
/// missing, or was made for another category or under other settings; warns when it was made from other images.
void fit_or_load(const datasets::Category& category, const Job& job, const std::filesystem::path& run_folder,
                 const std::string& label, detectors::Detector& detector);

/// Throws DataError naming the file for unreadable images and masks of another size than their image.
TestedImages predict_test_images(const datasets::Category& category, const Job& job,
                                 const detectors::Detector& detector);

/// Image metrics (by map maximum and by the detector's native score) and pixel metrics on the original labels: see
/// map_evaluation.h. Images without a mask file are left out of pixel metrics, and named in a warning.
void add_original_metrics(const datasets::Category& category, const TestedImages& tested, const MetricsOptions& options,
                          MetricsTable& metrics);

/// Images [begin, end) of the test set.
std::vector<imaging::Image> read_test_images(const datasets::Category& category, std::size_t begin, std::size_t end);

/// The detector's scale for fusions that add instead of multiply: the mean map maximum over the first training images.
/// Those are partly in the memory bank, so that it is smaller than on unseen good images. Throws ConfigError when it is
/// 0.
double score_scale(const datasets::Category& category, const Job& job, const detectors::Detector& detector);

}  // namespace normadd::experiment
