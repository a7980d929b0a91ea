// SPDX-License-Identifier: Apache-2.0
#include "experiment/pair_metrics.h"

#include "metrics/roc.h"
#include "metrics/s_auroc.h"

namespace normadd::experiment {
namespace {

using datasets::Role;

struct Selection {
  std::vector<double> before, after;
  std::vector<std::uint8_t> labels;  // new labels
  std::size_t num_anomalous = 0;

  void add(double score_before, double score_after, bool anomalous) {
    before.push_back(score_before);
    after.push_back(score_after);
    labels.push_back(anomalous ? 1 : 0);
    num_anomalous += anomalous ? 1 : 0;
  }
  std::size_t num_normal() const { return labels.size() - num_anomalous; }
};

}  // namespace

void add_pair_metrics(const datasets::Category& category, const datasets::Pair& pair, const Cell& cell,
                      std::span<const double> before, std::span<const double> after, MetricsTable& metrics,
                      ScoresTable& scores) {
  Selection all, kept, by_role[3];
  for (std::size_t i = 0; i < category.test.size(); ++i) {
    const auto& sample = category.test[i];
    const Role role = datasets::role_of(sample, pair);
    const bool anomalous_after = datasets::is_anomalous_after(role);
    all.add(before[i], after[i], anomalous_after);
    if (role != Role::kAdded) kept.add(before[i], after[i], anomalous_after);
    by_role[static_cast<int>(role)].add(before[i], after[i], anomalous_after);
    scores.add(cell, {sample.id, sample.defect_type, sample.anomalous(), anomalous_after, before[i], after[i]});
  }
  const double auroc_before = metrics::image_auroc(all.before, all.labels);
  const double auroc_after = metrics::image_auroc(all.after, all.labels);
  metrics.add(cell, "image_auroc_before", auroc_before, all.num_normal(), all.num_anomalous);
  metrics.add(cell, "image_auroc_after", auroc_after, all.num_normal(), all.num_anomalous);
  metrics.add(cell, "image_auroc_gain", auroc_after - auroc_before, all.num_normal(), all.num_anomalous);
  metrics.add(cell, "collateral",
              metrics::image_auroc(kept.after, kept.labels) - metrics::image_auroc(kept.before, kept.labels),
              kept.num_normal(), kept.num_anomalous);
  const std::pair<const char*, Role> roles[] = {
      {"s_auroc_added", Role::kAdded}, {"s_auroc_good", Role::kGood}, {"s_auroc_retained", Role::kRetained}};
  for (const auto& [name, role] : roles) {
    const Selection& images = by_role[static_cast<int>(role)];
    metrics.add(cell, name, metrics::s_auroc(images.before, images.after), images.num_normal(), images.num_anomalous);
  }
}

}  // namespace normadd::experiment
