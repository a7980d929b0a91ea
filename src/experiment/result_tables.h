// SPDX-License-Identifier: Apache-2.0
// The tidy results of a run: metrics.csv (one number per row, unrounded, 0-1) and scores.csv (one image per row).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/csv.h"

namespace normadd::experiment {

/// What is the same in every row of a run.
struct RunColumns {
  std::string run, detector, dataset, clip, seed;
};

/// Which cell of the run a number belongs to; empty where it does not apply.
struct Cell {
  std::string category, added, prompts, fusion;
};

class MetricsTable {
 public:
  explicit MetricsTable(RunColumns columns);
  /// value NaN = undefined (one class is missing): the cell stays empty.
  void add(const Cell& cell, const std::string& metric, double value, std::size_t num_normal,
           std::size_t num_anomalous);
  /// Rows that another run measured on the original labels; they become this run's.
  void append_original(const core::CsvTable& rows);
  const core::CsvTable& table() const { return table_; }

 private:
  RunColumns columns_;
  core::CsvTable table_;
};

struct ScoreRow {
  std::string image, type;
  bool anomalous = false;
  bool anomalous_after = false;
  double score_before = 0, score_after = 0;  // NaN = none
};

class ScoresTable {
 public:
  explicit ScoresTable(RunColumns columns);
  void add(const Cell& cell, const ScoreRow& row);
  const core::CsvTable& table() const { return table_; }

 private:
  RunColumns columns_;
  core::CsvTable table_;
};

}  // namespace normadd::experiment
