// SPDX-License-Identifier: Apache-2.0
#include "reporting/ablation_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "core/error.h"
#include "core/nearest_name.h"
#include "core/number_text.h"
#include "reporting/changed_keys.h"
#include "reporting/means.h"
#include "reporting/metric_columns.h"
#include "reporting/ranking.h"
#include "reporting/run_results.h"

namespace normadd::reporting {
namespace {

/// A cell of a run: its numbers, and what tells it from the other cells of all runs.
struct Observation {
  std::vector<std::string> labels;  // changed keys, then detector, prompts, fusion
  std::string seed;
  CellNumbers cell;
};

/// Observations that differ in the seed only.
struct Group {
  std::vector<std::string> labels;
  std::vector<const Observation*> seeds;
};

constexpr const char* kCellKeys[] = {"detector", "prompts", "fusion"};

std::vector<Observation> observe(const RunListing& listing, const std::vector<ChangedKey>& changed,
                                 const AblationOptions& options) {
  std::vector<Observation> observations;
  for (std::size_t i = 0; i < listing.runs.size(); ++i) {
    const ListedRun& run = listing.runs[i];
    std::vector<std::string> labels;
    for (const auto& key : changed) labels.push_back(key.values[i]);
    const RunMetrics metrics = read_run_results(run.folder, options.with_intervals);
    std::set<std::string> seen;
    for (const auto& cell : metrics.cells) {
      if (cell.is_control() && !options.with_controls) continue;
      if (!options.detector.empty() && cell.detector != options.detector) continue;
      if (options.one_cell_per_detector && !seen.insert(cell.detector).second) continue;
      Observation observation{labels, seed_of(run), cell};
      observation.labels.insert(observation.labels.end(), {cell.detector, cell.prompts, cell.fusion});
      observations.push_back(std::move(observation));
    }
  }
  return observations;
}

/// Which of the columns say something that those before them do not: changed keys always, the others where they tell
/// rows apart that agree in everything kept so far.
std::vector<std::size_t> telling_columns(const std::vector<Observation>& observations, std::size_t num_changed,
                                         bool always_detector) {
  std::vector<std::size_t> kept;
  for (std::size_t c = 0; c < num_changed; ++c) kept.push_back(c);
  for (std::size_t c = num_changed; c < num_changed + std::size(kCellKeys); ++c) {
    std::map<std::vector<std::string>, std::string> value_of;
    const bool tells = std::any_of(observations.begin(), observations.end(), [&](const Observation& one) {
      std::vector<std::string> place;
      for (const std::size_t k : kept) place.push_back(one.labels[k]);
      return value_of.emplace(place, one.labels[c]).first->second != one.labels[c];
    });
    if (tells || (always_detector && c == num_changed)) kept.push_back(c);
  }
  return kept;
}

std::vector<Group> grouped(const std::vector<Observation>& observations, bool by_seed) {
  std::vector<Group> groups;
  std::map<std::vector<std::string>, std::size_t> place_of;
  for (const auto& observation : observations) {
    std::vector<std::string> place = observation.labels;
    if (by_seed) place.push_back(observation.seed);
    const auto [found, is_new] = place_of.emplace(place, groups.size());
    if (is_new) groups.push_back({observation.labels, {}});
    groups[found->second].seeds.push_back(&observation);
  }
  return groups;
}

SeedSpread spread_of(const Group& group, const std::string& metric, bool by_category) {
  std::vector<double> values;
  for (const auto* seed : group.seeds) {
    const auto& pairs = seed->cell.pairs;
    values.push_back(by_category ? category_mean(pairs, metric) : pair_mean(pairs, metric));
  }
  return seed_spread(values);
}

/// Of a single seed; several have a deviation instead.
GainInterval interval_of(const Group& group, bool by_category) {
  if (group.seeds.size() != 1) return {};
  const CellNumbers& cell = group.seeds.front()->cell;
  return by_category ? cell.category_mean_interval : cell.pair_mean_interval;
}

std::vector<MetricColumn> chosen_metrics(const std::vector<Observation>& observations, const AblationOptions& options) {
  std::vector<CategoryNumbers> all;
  for (const auto& one : observations) all.insert(all.end(), one.cell.pairs.begin(), one.cell.pairs.end());
  if (options.metrics.empty()) return shown(pair_metrics(), all);
  std::set<std::string> known;
  for (const auto& numbers : all) {
    for (const auto& [metric, value] : numbers.values) known.insert(metric);
  }
  std::vector<MetricColumn> columns;
  for (const auto& metric : options.metrics) {
    if (!known.contains(metric)) {
      throw core::ConfigError(fmt::format("no pair of a run has the metric '{}'", metric), "--metric",
                              core::did_you_mean(metric, {known.begin(), known.end()}) +
                                  (metric.ends_with("_original") ? " Original labels: --view detectors." : ""));
    }
    columns.push_back(metric_column(metric));
  }
  return columns;
}

std::vector<std::string> notes_of(const RunListing& listing, const AblationOptions& options, bool has_deviations) {
  std::vector<std::string> notes{fmt::format("x 100, unweighted means over all {} of {} run{}. gain = after - before.",
                                             options.by_category ? "categories" : "pairs", listing.runs.size(),
                                             listing.runs.size() == 1 ? "" : "s"),
                                 kSideEffectLegend};
  if (has_deviations) notes.emplace_back("\u00b1: standard deviation over the seeds (n - 1).");
  if (listing.num_unfinished > 0) {
    notes.push_back(fmt::format("{} unfinished or failed runs are not counted.", listing.num_unfinished));
  }
  if (listing.num_repeated > 0) {
    notes.push_back(fmt::format("{} older runs of the same configurations are not counted.", listing.num_repeated));
  }
  return notes;
}

/// "fusion.gamma changes together with: a, b": keys that have no column of their own.
std::vector<std::string> notes_of_followers(const std::vector<ChangedKey>& changed) {
  constexpr std::size_t kMostNamed = 4;
  std::vector<std::string> notes;
  for (const auto& leader : changed) {
    std::vector<std::string> followers;
    for (const auto& key : changed) {
      if (key.follows == leader.key) followers.push_back(key.key);
    }
    if (followers.empty()) continue;
    const std::size_t num_more = followers.size() - std::min(followers.size(), kMostNamed);
    followers.resize(followers.size() - num_more);
    notes.push_back(fmt::format("{} changes together with {}{}.", leader.key, fmt::join(followers, ", "),
                                num_more > 0 ? fmt::format(" and {} more (all in the CSV)", num_more) : ""));
  }
  return notes;
}

}  // namespace

Table ablation_table(const RunListing& listing, const AblationOptions& options) {
  const auto changed = changed_keys(listing.runs);
  const auto observations = observe(listing, changed, options);
  const auto metrics = chosen_metrics(observations, options);
  const auto groups = grouped(observations, options.by_seed);
  const auto kept = telling_columns(observations, changed.size(), options.one_cell_per_detector);

  Table table;
  table.title = options.one_cell_per_detector ? "Detectors before and after normality addition"
                                              : "Normality addition by configuration";
  for (const std::size_t c : kept) {
    const std::string name = c < changed.size() ? changed[c].key : kCellKeys[c - changed.size()];
    const bool follows = c < changed.size() && !changed[c].follows.empty();
    table.columns.push_back({name, follows ? "" : name, false});
  }
  if (options.by_seed) table.columns.push_back({"seed", "seed"});
  table.columns.push_back({"n", options.by_seed ? "" : "n"});
  for (const auto& metric : metrics) {
    add_metric_column(table, metric, true);
    table.columns.push_back({fmt::format("{}_std", metric.metric), ""});
  }
  bool has_deviations = false;
  for (const auto& group : groups) {
    TableRow row;
    row.is_ranked = !group.seeds.front()->cell.is_control();
    for (const std::size_t c : kept) {
      row.cells.push_back({group.labels[c].empty() ? "-" : group.labels[c], group.labels[c]});
    }
    if (options.by_seed) row.cells.push_back(word_cell(group.seeds.front()->seed));
    row.cells.push_back(count_cell(group.seeds.size()));
    for (const auto& metric : metrics) {
      const SeedSpread spread = spread_of(group, metric.metric, options.by_category);
      has_deviations |= !std::isnan(spread.deviation);
      const std::size_t place = row.cells.size();
      add_metric_cells(row, metric, spread.mean, interval_of(group, options.by_category));
      if (!std::isnan(spread.deviation)) {
        row.cells[place].deviation = percent_text(spread.deviation, metric.is_change);
      }
      row.cells.push_back({"", std::isnan(spread.deviation) ? "" : core::shortest_text(spread.deviation)});
    }
    table.rows.push_back(std::move(row));
  }
  mark_best(table);
  table.notes = notes_of(listing, options, has_deviations);
  add_interval_legend(table);
  for (auto& note : notes_of_followers(changed)) table.notes.push_back(std::move(note));
  return table;
}

}  // namespace normadd::reporting
