// SPDX-License-Identifier: Apache-2.0
// The losses of a training, step by step: a CSV to plot from, and a small picture to look at.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace normadd::training {

class LossCurve {
 public:
  /// columns: names of the values of one step, e.g. {"learning_rate", "loss"}.
  explicit LossCurve(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  void add(std::int64_t step, std::vector<double> values);
  /// Takes the steps below num_steps from a CSV that write_csv made; an absent file gives none.
  void restore(const std::filesystem::path& csv, std::int64_t num_steps);
  /// Columns step, then those of the constructor; one row per step.
  void write_csv(const std::filesystem::path& file) const;
  /// One column over the steps, as dots and as a running mean.
  void write_svg(const std::filesystem::path& file, const std::string& column) const;
  /// Mean of a column over the last num steps; 0 when there are none.
  double recent(const std::string& column, std::size_t num = 20) const;

 private:
  std::size_t index_of(const std::string& column) const;

  std::vector<std::string> columns_;
  std::vector<std::int64_t> steps_;
  std::vector<std::vector<double>> rows_;
};

}  // namespace normadd::training
