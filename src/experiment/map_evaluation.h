// SPDX-License-Identifier: Apache-2.0
// Every number that follows from the maps of one category, whoever made them: runs and 'normadd evaluate' both go
// through here.
// Metric names, with E = original (ordinary labels), before or after (new labels):
//   image_auroc_E, image_ap_E, image_f1max_E    score = maximum of the map;  + _native  the detector's own score
//   pixel_auroc_E, pixel_ap_E, pixel_f1max_E    all pixels;                  + _anomalous  anomalous images only
//   aupro_E                                     exact up to 0.3; another definition or limit is part of the name:
//                                               aupro_official_0.05_E;       + _anomalous
//   NAME/TYPE                                   images of that defect type against good alone
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "experiment/job.h"
#include "experiment/result_tables.h"
#include "imaging/image.h"
#include "metrics/aupro_options.h"
#include "metrics/pixel_curves.h"
#include "metrics/pixel_scores.h"
#include "metrics/threshold.h"

namespace normadd::experiment {

/// One test image with its map; refers to both pictures for the time of a call.
struct EvaluatedMap {
  std::string id;
  std::string defect_type;  // "good" for normal images
  double score = 0;         // maximum of the map as it was made
  std::optional<double> native_score;
  const imaging::Map* map = nullptr;
  const imaging::Mask* mask = nullptr;  // of the map's size, 0 = normal; null = missing
};

/// metrics.aupro and metrics.aupro_limit.
metrics::AuproOptions aupro_options(const MetricsOptions& options);

class MapEvaluation {
 public:
  MapEvaluation(std::string category, MetricsOptions options);

  /// Images without a mask take part in image metrics only. Keeps no map: see metrics/pixel_scores.h for the memory.
  /// Throws DataError naming the image for a map that does not fit its mask or is not finite.
  void add(const EvaluatedMap& image);

  /// On the original labels; per defect type too with metrics.per_type. Rows have no added type.
  void add_original_metrics(MetricsTable& metrics);
  /// ROC of pixels and PRO up to metrics.aupro_limit (always the exact one), all types together; empty without
  /// metrics.pixel, PRO also without an AUPRO.
  metrics::PixelCurves original_curves();
  /// On the new labels of cell.added: images of that type count as good, mask and all. ending: "before" for A, "after"
  /// for A_final. Throws ConfigError with the nearest name when no image has that type.
  void add_new_label_metrics(const Cell& cell, const std::string& ending, MetricsTable& metrics);
  /// Image decisions on the original labels: image_f1_original, image_accuracy_..., image_precision_...,
  /// image_recall_..., image_fpr_..., all with the ending _tuned_on_test where the threshold was.
  void add_threshold_metrics(const metrics::Threshold& threshold, MetricsTable& metrics) const;
  /// One row per image; score_after stays empty. cell.added decides the new label.
  void add_scores(const Cell& cell, ScoresTable& scores) const;

  struct Image {
    std::string id, defect_type;
    double score = 0;
    std::optional<double> native_score;
    bool anomalous() const { return defect_type != "good"; }
  };
  const std::string& category() const { return category_; }
  std::span<const Image> images() const { return images_; }
  std::vector<double> scores() const;             // maxima of the maps
  std::vector<std::uint8_t> labels() const;       // original: 1 = anomalous
  std::vector<std::string> defect_types() const;  // without good, sorted
  /// Images that pixel metrics leave out.
  const std::vector<std::string>& without_mask() const { return without_mask_; }

 private:
  using RoleOf = std::function<metrics::PixelRole(const std::string& defect_type)>;
  struct Naming {
    std::string ending, suffix;
  };
  void add_rows(const Cell& cell, const Naming& naming, const RoleOf& role_of, MetricsTable& metrics);
  void add_image_rows(const Cell& cell, const Naming& naming, const RoleOf& role_of, MetricsTable& metrics) const;
  void add_pixel_rows(const Cell& cell, const Naming& naming, const RoleOf& role_of, bool anomalous_only,
                      MetricsTable& metrics);

  std::string category_;
  MetricsOptions options_;
  std::vector<Image> images_;
  std::vector<std::string> without_mask_;
  metrics::PixelScores pixels_;
};

}  // namespace normadd::experiment
