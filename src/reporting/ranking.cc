// SPDX-License-Identifier: Apache-2.0
#include "reporting/ranking.h"

#include <charconv>
#include <limits>
#include <optional>

namespace normadd::reporting {
namespace {

std::optional<double> number_of(const TableCell& cell) {
  double number = 0;
  const auto [end, error] = std::from_chars(cell.raw.data(), cell.raw.data() + cell.raw.size(), number);
  if (error != std::errc() || end == cell.raw.data()) return std::nullopt;
  return number;
}

/// The best of the cells that are worse, to the eye, than those of the text above.
const TableCell* best_below(const std::vector<TableCell*>& cells, Better better, const std::string* above) {
  const TableCell* best = nullptr;
  double best_number = 0;
  for (const TableCell* cell : cells) {
    if (above != nullptr && cell->text == *above) continue;
    const double number = better == Better::kLower ? -*number_of(*cell) : *number_of(*cell);
    if (best == nullptr || number > best_number) {
      best = cell;
      best_number = number;
    }
  }
  return best;
}

void mark(const std::vector<TableCell*>& cells, const std::string& text, Rank rank) {
  for (TableCell* cell : cells) {
    if (cell->text == text) cell->rank = rank;
  }
}

}  // namespace

void mark_best(Table& table) {
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const Better better = table.columns[c].better;
    if (better == Better::kUnranked) continue;
    std::vector<TableCell*> cells;
    for (auto& row : table.rows) {
      if (!row.is_mean && row.is_ranked && number_of(row.cells[c])) cells.push_back(&row.cells[c]);
    }
    if (cells.size() < 2) continue;
    const std::string best = best_below(cells, better, nullptr)->text;
    mark(cells, best, Rank::kBest);
    const TableCell* second = best_below(cells, better, &best);
    if (second != nullptr) mark(cells, std::string(second->text), Rank::kSecond);
  }
}

}  // namespace normadd::reporting
