// SPDX-License-Identifier: Apache-2.0
#include "experiment/result_tables.h"

#include <cmath>

#include "core/number_text.h"

namespace normadd::experiment {
namespace {

std::string text_of(double value) { return std::isnan(value) ? "" : core::shortest_text(value); }

}  // namespace

MetricsTable::MetricsTable(RunColumns columns) : columns_(std::move(columns)) {
  table_.columns = {"run",    "detector", "dataset", "category", "added",    "prompts",    "clip",
                    "fusion", "seed",     "metric",  "value",    "n_normal", "n_anomalous"};
}

void MetricsTable::add(const Cell& cell, const std::string& metric, double value, std::size_t num_normal,
                       std::size_t num_anomalous) {
  // The vision-language model has no part in numbers on the original labels.
  const std::string clip = cell.added.empty() ? "" : columns_.clip;
  table_.rows.push_back({columns_.run, columns_.detector, columns_.dataset, cell.category, cell.added, cell.prompts,
                         clip, cell.fusion, columns_.seed, metric, text_of(value), std::to_string(num_normal),
                         std::to_string(num_anomalous)});
}

void MetricsTable::append_original(const core::CsvTable& rows) {
  for (auto row : rows.rows) {
    row[0] = columns_.run;
    row[1] = columns_.detector;
    row[2] = columns_.dataset;
    row[table_.column("seed")] = columns_.seed;
    table_.rows.push_back(std::move(row));
  }
}

ScoresTable::ScoresTable(RunColumns columns) : columns_(std::move(columns)) {
  table_.columns = {"detector", "category", "image",     "type",         "label_original", "added",
                    "prompts",  "fusion",   "label_new", "score_before", "score_after"};
}

void ScoresTable::add(const Cell& cell, const ScoreRow& row) {
  table_.rows.push_back({columns_.detector, cell.category, row.image, row.type, row.anomalous ? "1" : "0", cell.added,
                         cell.prompts, cell.fusion, row.anomalous_after ? "1" : "0", text_of(row.score_before),
                         text_of(row.score_after)});
}

}  // namespace normadd::experiment
