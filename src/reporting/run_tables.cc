// SPDX-License-Identifier: Apache-2.0
#include "reporting/run_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "reporting/detector_table.h"
#include "reporting/pair_table.h"
#include "reporting/provenance.h"
#include "reporting/run_results.h"
#include "reporting/summary_table.h"
#include "reporting/table_set.h"

namespace normadd::reporting {
namespace {

/// The cell whose pairs the terminal shows: the first that is no control, else the first.
const CellNumbers* leading_cell(const RunMetrics& run) {
  if (run.cells.empty()) return nullptr;
  const auto honest =
      std::find_if(run.cells.begin(), run.cells.end(), [](const auto& cell) { return !cell.is_control(); });
  return honest != run.cells.end() ? &*honest : &run.cells.front();
}

RunMetrics first_detector(const RunMetrics& run) {
  RunMetrics first = run;
  const std::string& name = run.originals.front().detector;
  std::erase_if(first.originals, [&](const DetectorNumbers& numbers) { return numbers.detector != name; });
  std::erase_if(first.cells, [&](const CellNumbers& cell) { return cell.detector != name; });
  return first;
}

/// Both views of tables of one kind; nothing when there are none.
void write(const std::vector<Table>& tables, const std::filesystem::path& folder, const std::string& name) {
  if (tables.empty()) return;
  core::write_file_atomically(folder / (name + ".md"), rendered(tables, TableFormat::kMarkdown));
  core::write_csv(folder / (name + ".csv"), joined_csv(tables));
}

}  // namespace

std::string write_tables(const std::filesystem::path& run_folder, bool styled) {
  const RunMetrics run = read_run_results(run_folder, true);
  const std::string provenance = run_provenance(run_folder, run.run);
  const auto folder = run_folder / "tables";
  const bool several = num_detectors(run) > 1;
  std::vector<std::string> texts;
  const auto signed_table = [&](Table table) {
    table.provenance = {provenance};
    return table;
  };

  if (several) {
    const Table table = signed_table(detector_table(run));
    write({table}, folder, "detectors");
    texts.push_back(terminal_text(table, styled));
  }

  std::vector<Table> originals, pairs;
  for (const auto& detector : run.originals) originals.push_back(signed_table(original_table(detector)));
  if (!several && !originals.empty()) texts.push_back(rendered(originals, TableFormat::kText, styled));
  write(originals, folder, "original");

  for (const auto& cell : run.cells) {
    pairs.push_back(signed_table(pair_table(cell)));
    if (!several && &cell == leading_cell(run)) texts.push_back(terminal_text(pairs.back(), styled));
  }
  write(pairs, folder, "pairs");
  if (const core::CsvTable intervals = interval_csv(run); !intervals.rows.empty()) {
    core::write_csv(folder / "intervals.csv", intervals);
  }

  if (!run.cells.empty()) {
    Table table = signed_table(summary_table(run));
    write({table}, folder, "summary");
    if (several) {
      table = signed_table(summary_table(first_detector(run)));
      table.notes.push_back(fmt::format("The other detectors: {}.", (folder / "summary.md").string()));
    }
    texts.push_back(terminal_text(table, styled));
  }
  return fmt::format("{}", fmt::join(texts, "\n"));
}

}  // namespace normadd::reporting
