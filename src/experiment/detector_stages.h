// SPDX-License-Identifier: Apache-2.0
// The stages of a detector on one category: each comes from the cache or is computed, with the same bytes.
#pragma once

#include <memory>

#include "experiment/original_results.h"
#include "experiment/prepared_job.h"
#include "experiment/stage_keys.h"
#include "experiment/tested_images.h"

namespace normadd::experiment {

class DetectorStages {
 public:
  /// The job stands for all that have the same maps. Everything must outlive the object.
  DetectorStages(const PreparedJob& job, std::size_t detector, std::size_t category, Session& session);

  const DetectorKeys& keys() const { return keys_; }
  /// Loaded or predicted when first asked for. Throws DataError naming unreadable files.
  TestedImages& tested();
  /// Under the job's metrics options.
  std::shared_ptr<const OriginalResults> original_results(const Job& job);
  /// See score_scale in tested_images.h.
  double scale();
  /// Fits or loads the detector, unless that was the last thing it did.
  detectors::Detector& fitted();

 private:
  const datasets::Category& category() const { return job_.dataset->dataset.categories[category_]; }

  const PreparedJob& job_;
  const NamedDetector& named_;
  OpenedDetector& opened_;
  std::size_t category_;
  Session& session_;
  DetectorKeys keys_;
  std::optional<TestedImages> tested_;
  std::map<std::string, std::shared_ptr<const OriginalResults>> originals_;
  std::optional<double> scale_;
};

}  // namespace normadd::experiment
