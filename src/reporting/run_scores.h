// SPDX-License-Identifier: Apache-2.0
// A run's scores.csv (docs/architecture.md), grouped by cell and pair, with the images of a category in one order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace normadd::reporting {

/// The test images of one category, in the order of their types' and their own names. The vectors have one length.
struct CategoryImages {
  std::vector<std::string> images;
  std::vector<std::string> types;
  std::vector<std::size_t> strata;         // number of the type: 0, 1, ...
  std::vector<std::uint8_t> is_anomalous;  // on the original labels
};

/// Scores of one pair in one cell, in the order of its category's images.
struct PairScores {
  std::string category, added;
  std::vector<double> before, after;
  std::vector<std::uint8_t> is_anomalous;  // on the new labels; one value within a type
};

struct CellScores {
  std::string detector, prompts, fusion;
  std::vector<PairScores> pairs;
};

struct RunScores {
  std::map<std::string, CategoryImages> categories;
  std::vector<CellScores> cells;  // these and their pairs in the order of the file
};

/// Throws DataError naming file and line for a missing column, a score that is no finite number, a label other than 0
/// or 1, an image given twice, two pairs of a category with different images, or a type with several labels.
RunScores read_run_scores(const std::filesystem::path& scores_csv);

}  // namespace normadd::reporting
