// SPDX-License-Identifier: Apache-2.0
#include "experiment/map_evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "core/error.h"
#include "core/nearest_name.h"
#include "metrics/aupro.h"
#include "metrics/roc.h"

namespace normadd::experiment {
namespace {

using metrics::PixelRole;

PixelRole original_role(const std::string& type) { return type == "good" ? PixelRole::kNormal : PixelRole::kAnomalous; }

/// Image scores of one kind on one choice of labels.
struct LabelledScores {
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
  std::size_t num_anomalous = 0;

  void add(double score, bool anomalous) {
    scores.push_back(score);
    labels.push_back(anomalous ? 1 : 0);
    num_anomalous += anomalous ? 1 : 0;
  }
  void add_rows(const Cell& cell, const std::string& ending, MetricsTable& table) const {
    const std::size_t num_normal = labels.size() - num_anomalous;
    table.add(cell, "image_auroc_" + ending, metrics::image_auroc(scores, labels), num_normal, num_anomalous);
    table.add(cell, "image_ap_" + ending, metrics::average_precision(scores, labels), num_normal, num_anomalous);
    table.add(cell, "image_f1max_" + ending, metrics::f1_max(scores, labels), num_normal, num_anomalous);
  }
};

}  // namespace

metrics::AuproOptions aupro_options(const MetricsOptions& options) {
  return {metrics::parse_aupro_variant(options.aupro), options.aupro_limit};
}

MapEvaluation::MapEvaluation(std::string category, MetricsOptions options)
    : category_(std::move(category)), options_(std::move(options)) {}

void MapEvaluation::add(const EvaluatedMap& image) {
  if (options_.pixel && image.mask == nullptr) without_mask_.push_back(image.id);
  if (options_.pixel && image.mask != nullptr) {
    if (!(image.mask->size() == image.map->size())) {
      throw core::DataError(fmt::format("the map is {}x{}, the mask {}x{}", image.map->width, image.map->height,
                                        image.mask->width, image.mask->height),
                            image.id, "Bring both to one size first.");
    }
    try {
      pixels_.add(image.defect_type, image.map->values, image.mask->pixels, static_cast<std::size_t>(image.map->width));
    } catch (const core::DataError& error) {
      throw core::DataError(error.message(), image.id, error.hint());
    }
  }
  images_.push_back({image.id, image.defect_type, image.score, image.native_score});
}

void MapEvaluation::add_original_metrics(MetricsTable& metrics) {
  const Cell cell{category_, "", "", ""};
  add_rows(cell, {"original", ""}, original_role, metrics);
  if (!options_.per_type) return;
  for (const auto& type : defect_types()) {
    const auto role_of = [&](const std::string& other) {
      return other == "good" || other == type ? original_role(other) : PixelRole::kIgnored;
    };
    add_rows(cell, {"original", "/" + type}, role_of, metrics);
  }
}

metrics::PixelCurves MapEvaluation::original_curves() {
  if (!options_.pixel) return {};
  auto curves = metrics::pixel_curves(pixels_.select(original_role), options_.aupro_limit);
  if (aupro_options(options_).variant == metrics::AuproVariant::kNone) curves.pro = {};
  return curves;
}

void MapEvaluation::add_new_label_metrics(const Cell& cell, const std::string& ending, MetricsTable& metrics) {
  const auto types = defect_types();
  if (std::find(types.begin(), types.end(), cell.added) == types.end()) {
    throw core::ConfigError(fmt::format("'{}' has no defect type '{}'", category_, cell.added), "",
                            core::did_you_mean(cell.added, types));
  }
  const auto role_of = [&](const std::string& type) {
    return type == cell.added ? PixelRole::kNormal : original_role(type);
  };
  add_rows(cell, {ending, ""}, role_of, metrics);
}

void MapEvaluation::add_rows(const Cell& cell, const Naming& naming, const RoleOf& role_of, MetricsTable& metrics) {
  add_image_rows(cell, naming, role_of, metrics);
  if (!options_.pixel) return;
  add_pixel_rows(cell, naming, role_of, false, metrics);
  if (options_.anomalous_only) add_pixel_rows(cell, naming, role_of, true, metrics);
}

void MapEvaluation::add_image_rows(const Cell& cell, const Naming& naming, const RoleOf& role_of,
                                   MetricsTable& metrics) const {
  LabelledScores maxima, native;
  for (const auto& image : images_) {
    const PixelRole role = role_of(image.defect_type);
    if (role == PixelRole::kIgnored) continue;
    maxima.add(image.score, role == PixelRole::kAnomalous);
    if (image.native_score) native.add(*image.native_score, role == PixelRole::kAnomalous);
  }
  maxima.add_rows(cell, naming.ending + naming.suffix, metrics);
  // A part of the images would be another test set.
  if (!native.scores.empty() && native.scores.size() == maxima.scores.size()) {
    native.add_rows(cell, naming.ending + "_native" + naming.suffix, metrics);
  }
}

void MapEvaluation::add_pixel_rows(const Cell& cell, const Naming& naming, const RoleOf& role_of, bool anomalous_only,
                                   MetricsTable& metrics) {
  const auto aupro = aupro_options(options_);
  const auto found = metrics::pixel_metrics(pixels_.select(role_of, anomalous_only), aupro);
  const std::string ending = naming.ending + (anomalous_only ? "_anomalous" : "") + naming.suffix;
  metrics.add(cell, "pixel_auroc_" + ending, found.auroc, found.num_normal, found.num_anomalous);
  metrics.add(cell, "pixel_ap_" + ending, found.average_precision, found.num_normal, found.num_anomalous);
  metrics.add(cell, "pixel_f1max_" + ending, found.f1_max, found.num_normal, found.num_anomalous);
  if (aupro.variant == metrics::AuproVariant::kNone) return;
  metrics.add(cell, metrics::aupro_name(aupro) + "_" + ending, found.aupro, found.num_normal, found.num_regions);
}

void MapEvaluation::add_threshold_metrics(const metrics::Threshold& threshold, MetricsTable& metrics) const {
  const auto labels = this->labels();
  const auto counts = metrics::decide(scores(), labels, threshold.value);
  const auto num_anomalous = static_cast<std::size_t>(std::count(labels.begin(), labels.end(), 1));
  const Cell cell{category_, "", "", ""};
  const std::string ending = threshold.tuned_on_test ? "_original_tuned_on_test" : "_original";
  const std::pair<const char*, double> rows[] = {{"image_f1", counts.f1()},
                                                 {"image_accuracy", counts.accuracy()},
                                                 {"image_precision", counts.precision()},
                                                 {"image_recall", counts.recall()},
                                                 {"image_fpr", counts.false_positive_rate()}};
  for (const auto& [name, value] : rows) {
    metrics.add(cell, name + ending, value, labels.size() - num_anomalous, num_anomalous);
  }
}

void MapEvaluation::add_scores(const Cell& cell, ScoresTable& scores) const {
  for (const auto& image : images_) {
    scores.add(cell,
               {image.id, image.defect_type, image.anomalous(), image.anomalous() && image.defect_type != cell.added,
                image.score, std::numeric_limits<double>::quiet_NaN()});
  }
}

std::vector<double> MapEvaluation::scores() const {
  std::vector<double> scores;
  for (const auto& image : images_) scores.push_back(image.score);
  return scores;
}

std::vector<std::uint8_t> MapEvaluation::labels() const {
  std::vector<std::uint8_t> labels;
  for (const auto& image : images_) labels.push_back(image.anomalous() ? 1 : 0);
  return labels;
}

std::vector<std::string> MapEvaluation::defect_types() const {
  std::set<std::string> types;
  for (const auto& image : images_) {
    if (image.anomalous()) types.insert(image.defect_type);
  }
  return {types.begin(), types.end()};
}

}  // namespace normadd::experiment
