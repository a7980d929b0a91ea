// SPDX-License-Identifier: Apache-2.0
#include "reporting/run_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "core/error.h"
#include "reporting/detector_table.h"
#include "reporting/pair_table.h"
#include "reporting/run_results.h"
#include "reporting/summary_table.h"
#include "reporting/table.h"

namespace normadd::reporting {
namespace {

/// Which run and which program made the numbers, as far as the folder says.
std::string provenance_note(const std::filesystem::path& run_folder, const RunMetrics& run) {
  std::string note = "Run " + run.run;
  const auto manifest_path = run_folder / "manifest.json";
  if (!std::filesystem::exists(manifest_path)) return note + ".";
  const auto manifest = nlohmann::json::parse(core::read_file(manifest_path), nullptr, false);
  if (!manifest.is_object()) {
    throw core::DataError("the manifest is not a JSON object", manifest_path.string(),
                          "Restore the file or run again.");
  }
  const auto text_of = [&](const char* key) {
    const auto found = manifest.find(key);
    return found != manifest.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (const auto version = text_of("program_version"); !version.empty()) note += ", normadd " + version;
  if (const auto commit = text_of("git_commit"); !commit.empty()) note += ", commit " + commit.substr(0, 12);
  return note + ".";
}

/// Puts a column of the same words before a CSV, so that several tables can share one file.
void prepend(core::CsvTable& table, const std::string& column, const std::string& value) {
  table.columns.insert(table.columns.begin(), column);
  for (auto& row : table.rows) row.insert(row.begin(), value);
}

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

/// One file of tables of the same kind.
class TableFile {
 public:
  void add(const Table& table, core::CsvTable csv) {
    // Pixel columns exist only where they were measured: tables of one file are brought under one header.
    for (const auto& column : csv.columns) {
      if (std::find(csv_.columns.begin(), csv_.columns.end(), column) != csv_.columns.end()) continue;
      csv_.columns.push_back(column);
      for (auto& row : csv_.rows) row.emplace_back();
    }
    for (const auto& row : csv.rows) {
      auto& joined = csv_.rows.emplace_back(csv_.columns.size());
      for (std::size_t c = 0; c < row.size(); ++c) joined[csv_.column(csv.columns[c])] = row[c];
    }
    markdown_ += (markdown_.empty() ? "" : "\n") + markdown_text(table);
  }

  void write(const std::filesystem::path& folder, const std::string& name) const {
    if (markdown_.empty()) return;
    core::write_file_atomically(folder / (name + ".md"), markdown_);
    core::write_csv(folder / (name + ".csv"), csv_);
  }

 private:
  std::string markdown_;
  core::CsvTable csv_;
};

}  // namespace

std::string write_tables(const std::filesystem::path& run_folder, bool styled) {
  const RunMetrics run = read_run_results(run_folder, true);
  const std::string provenance = provenance_note(run_folder, run);
  const auto folder = run_folder / "tables";
  const bool several = num_detectors(run) > 1;
  std::vector<std::string> texts;

  if (several) {
    Table table = detector_table(run);
    table.provenance = {provenance};
    TableFile detectors;
    detectors.add(table, csv_table(table));
    detectors.write(folder, "detectors");
    texts.push_back(terminal_text(table, styled));
  }

  TableFile originals;
  for (const auto& detector : run.originals) {
    Table table = original_table(detector);
    table.provenance = {provenance};
    core::CsvTable csv = csv_table(table);
    prepend(csv, "detector", detector.detector);
    originals.add(table, std::move(csv));
    if (!several) texts.push_back(terminal_text(table, styled));
  }
  originals.write(folder, "original");

  TableFile pairs;
  for (const auto& cell : run.cells) {
    Table table = pair_table(cell);
    table.provenance = {provenance};
    core::CsvTable csv = csv_table(table);
    prepend(csv, "fusion", cell.fusion);
    prepend(csv, "prompts", cell.prompts);
    prepend(csv, "detector", cell.detector);
    pairs.add(table, std::move(csv));
    if (!several && &cell == leading_cell(run)) texts.push_back(terminal_text(table, styled));
  }
  pairs.write(folder, "pairs");
  if (const core::CsvTable intervals = interval_csv(run); !intervals.rows.empty()) {
    core::write_csv(folder / "intervals.csv", intervals);
  }

  if (!run.cells.empty()) {
    Table table = summary_table(run);
    table.provenance = {provenance};
    TableFile summary;
    summary.add(table, csv_table(table));
    summary.write(folder, "summary");
    if (several) {
      table = summary_table(first_detector(run));
      table.notes.push_back(fmt::format("The other detectors: {}.", (folder / "summary.md").string()));
      table.provenance = {provenance};
    }
    texts.push_back(terminal_text(table, styled));
  }
  return fmt::format("{}", fmt::join(texts, "\n"));
}

}  // namespace normadd::reporting
