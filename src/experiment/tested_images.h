// SPDX-License-Identifier: Apache-2.0
// The test images of a category with the detector's maps: what every cell of a run starts from.
#pragma once

#include <filesystem>
#include <vector>

#include "datasets/dataset.h"
#include "detectors/detector.h"
#include "experiment/job.h"
#include "experiment/original_results.h"
#include "experiment/result_tables.h"

namespace normadd::experiment {

/// One entry per test sample of the category, in its order.
struct TestedImages {
  std::vector<detectors::Prediction> predictions;
  std::vector<double> scores;  // maximum of A: the score before
  std::vector<imaging::Mask>
      masks;  // 0/1 in the map's geometry; no pixels where the mask file is missing; see need_masks
};

/// A category's detector in a folder of detectors, or in the folder of a run that kept them; a run of several detectors
/// has a folder for each. Throws WeightsError.
std::filesystem::path saved_detector(const std::filesystem::path& folder, const std::string& label,
                                     const std::string& category);

/// The category that a saved detector was trained for; empty when its file does not say.
std::string saved_category(const std::filesystem::path& file);

/// What Detector::fit gets: the same for every detector of a job.
std::uint64_t fit_seed(const Job& job, const std::string& category);

/// Fits the detector on train/good. label: for the log.
void fit_detector(const datasets::Category& category, const Job& job, const std::string& label,
                  detectors::Detector& detector);

/// With a note of the category and of the training images. Throws OutputError.
void save_detector(const datasets::Category& category, const detectors::Detector& detector,
                   const std::filesystem::path& file);

/// Throws WeightsError when the saved detector was made for another category; warns when it was made from other images.
void check_origin(const datasets::Category& category, const std::filesystem::path& file);

/// Throws DataError naming the file for unreadable images.
std::vector<detectors::Prediction> predict_test_images(const datasets::Category& category, const Job& job,
                                                       const detectors::Detector& detector);

/// With the scores that follow from the maps, without masks.
TestedImages tested_images(std::vector<detectors::Prediction> predictions);

/// Reads the masks unless they are there. Throws DataError naming the file for masks of another size than their image.
void need_masks(const datasets::Category& category, TestedImages& tested);

/// Image metrics (by map maximum and by the detector's native score) and pixel metrics on the original labels: see
/// map_evaluation.h, with the curves of pixels. Images without a mask file are left out of what pixels say. Reads the
/// masks it needs.
OriginalResults original_results(const datasets::Category& category, TestedImages& tested,
                                 const MetricsOptions& options);

/// Names the images without a mask.
void warn_of_missing_masks(const datasets::Category& category, const MetricsOptions& options);

/// Images [begin, end) of the test set.
std::vector<imaging::Image> read_test_images(const datasets::Category& category, std::size_t begin, std::size_t end);

/// The detector's scale for fusions that add instead of multiply: the mean map maximum over the first training images.
/// Those are partly in the memory bank, so that it is smaller than on unseen good images. Throws ConfigError when it is
/// 0.
double score_scale(const datasets::Category& category, const Job& job, const detectors::Detector& detector);

}  // namespace normadd::experiment
