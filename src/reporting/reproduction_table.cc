// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "core/atomic_file.h"
#include "core/number_text.h"
#include "reporting/reproduction.h"
#include "reporting/table_set.h"

namespace normadd::reporting {
namespace {

constexpr const char* kNone = "--";

std::string heading_of(const std::string& metric) {
  static const std::map<std::string, std::string> kNames{{"image_auroc", "image AUROC"},
                                                         {"image_ap", "image AP"},
                                                         {"image_f1max", "image F1-max"},
                                                         {"pixel_auroc", "pixel AUROC"},
                                                         {"pixel_ap", "pixel AP"},
                                                         {"pixel_f1max", "pixel F1-max"},
                                                         {"aupro", "AUPRO@30%"},
                                                         {"aupro_cflow", "AUPRO@30% (cflow)"},
                                                         {"aupro_official", "AUPRO@30% (official)"},
                                                         {"s_auroc_added", "S-AUROC, added"},
                                                         {"s_auroc_good", "S-AUROC, good"},
                                                         {"s_auroc_retained", "S-AUROC, retained"}};
  static const std::map<std::string, std::string> kEndings{{"_original", ""},
                                                           {"_original_native", ", own score"},
                                                           {"_original_anomalous", ", anomalous images"},
                                                           {"_before", " before"},
                                                           {"_after", " after"},
                                                           {"_gain", " gain"},
                                                           {"", ""}};
  for (const auto& [name, heading] : kNames) {
    for (const auto& [ending, words] : kEndings) {
      if (metric == name + ending) return heading + words;
    }
  }
  return metric;
}

TableCell percent(const std::optional<double>& value) {
  if (!value) return {kNone, ""};
  return {fmt::format("{:.2f}", *value * 100), core::shortest_text(*value)};
}

TableCell difference_cell(const std::optional<double>& value) {
  return value ? percent_change_cell(*value) : TableCell{kNone, ""};
}

TableCell share_or_change(const std::string& metric, const std::optional<double>& value) {
  return metric.ends_with("_gain") || metric == "collateral" ? difference_cell(value) : percent(value);
}

std::string mark(PublishedNumber::Verified verified) {
  if (verified == PublishedNumber::Verified::kYes) return "";
  return verified == PublishedNumber::Verified::kNo ? " ?" : " (derived)";
}

std::string place(const ComparedNumber& number) {
  if (number.added == "*") return fmt::format("mean of {} pairs", number.num_averaged);
  if (number.category != kMeanCategory) {
    return number.added.empty() ? number.category : fmt::format("{} + {}", number.category, number.added);
  }
  return number.num_averaged > 0 ? fmt::format("mean of {}", number.num_averaged) : kMeanCategory;
}

/// {0, 1, 2, 4} as "1-3 5".
std::string shown_reasons(std::vector<std::size_t> indices) {
  std::sort(indices.begin(), indices.end());
  std::string text;
  for (std::size_t i = 0; i < indices.size();) {
    std::size_t last = i;
    while (last + 1 < indices.size() && indices[last + 1] == indices[last] + 1) ++last;
    text += fmt::format("{}{}", text.empty() ? "" : " ", indices[i] + 1);
    if (last > i) text += fmt::format("{}{}", last > i + 1 ? "-" : " ", indices[last] + 1);
    i = last + 1;
  }
  return text;
}

TableRow row_of(const ComparedNumber& number, const ComparedSource& compared) {
  std::vector<std::string> clauses;
  for (const std::size_t index : number.reasons) clauses.push_back(compared.reasons[index]);
  TableRow row;
  // People read the place in one column, programs in two.
  row.cells = {{place(number), number.category},
               {"", number.added},
               {heading_of(number.metric), number.metric},
               share_or_change(number.metric, number.ours),
               share_or_change(number.metric, number.published),
               difference_cell(number.difference()),
               percent(number.tolerance),
               word_cell(verdict_text(number.verdict)),
               {shown_reasons(number.reasons), fmt::format("{}", fmt::join(clauses, "; "))},
               word_cell(number.verified == PublishedNumber::Verified::kYes  ? "yes"
                         : number.verified == PublishedNumber::Verified::kNo ? "no"
                                                                             : "derived")};
  row.cells[4].text += number.published ? mark(number.verified) : "";
  return row;
}

Table table_of(const ComparedSource& compared) {
  Table table;
  table.title = fmt::format("{}: {}", compared.detector, compared.source.title);
  table.columns = {{"category", "category", false, true},
                   {"added", "", false},
                   {"metric", "metric", false},
                   {"ours", "ours"},
                   {"published", "published"},
                   {"difference", "difference"},
                   {"tolerance", "tolerance"},
                   {"verdict", "verdict", false},
                   {"reasons", "why", false},
                   {"verified", "", false}};
  std::string before;
  for (const auto& number : compared.numbers) {
    TableRow row = row_of(number, compared);
    const std::string here = row.cells[0].text;
    row.is_group_start = number.is_mean_row() && !before.starts_with("mean") && !before.empty();
    before = here;
    table.rows.push_back(std::move(row));
  }
  table.notes.push_back("x 100. Published: " + compared.source.origin + ".");
  table.notes.push_back("Tolerance: " + compared.source.tolerance_reason + ".");
  const bool has_unverified = std::any_of(compared.numbers.begin(), compared.numbers.end(), [](const auto& number) {
    return number.published && number.verified == PublishedNumber::Verified::kNo;
  });
  if (has_unverified) table.notes.emplace_back("? = not seen at the primary source.");
  for (const auto& note : compared.notes) table.notes.push_back(note);
  for (std::size_t i = 0; i < compared.reasons.size(); ++i) {
    if (i == 0) table.notes.emplace_back("Not comparable, because:");
    table.notes.push_back(fmt::format("{} = {}.", i + 1, compared.reasons[i]));
  }
  return table;
}

}  // namespace

const char* verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::kWithin:
      return "within";
    case Verdict::kOutside:
      return "outside";
    case Verdict::kNotComparable:
      return "not comparable";
    case Verdict::kNotMeasured:
      return "not measured";
    case Verdict::kNothingPublished:
      break;
  }
  return "nothing published";
}

std::string Reproduction::summary() const {
  const std::size_t within = count(Verdict::kWithin), outside = count(Verdict::kOutside);
  std::string text = num_comparable() == 0 ? fmt::format("{}: no number is comparable", experiment)
                                           : fmt::format("{}: {} of {} comparable numbers are within their tolerance",
                                                         experiment, within, within + outside);
  for (const Verdict verdict : {Verdict::kNotComparable, Verdict::kNotMeasured, Verdict::kNothingPublished}) {
    if (const std::size_t other = count(verdict)) text += fmt::format("; {}: {}", verdict_text(verdict), other);
  }
  return text + ".";
}

std::vector<Table> reproduction_tables(const Reproduction& reproduction) {
  std::vector<Table> tables;
  for (const auto& compared : reproduction.sources) {
    tables.push_back(table_of(compared));
    tables.back().keys = {
        {"experiment", reproduction.experiment}, {"source", compared.source.name}, {"detector", compared.detector}};
    tables.back().provenance = {reproduction.provenance};
  }
  return tables;
}

std::string write_reproduction(const Reproduction& reproduction, const std::filesystem::path& run_folder, bool styled) {
  const auto compared = reproduction_tables(reproduction);
  auto all = compared;
  if (!reproduction.detectors.columns.empty()) all.push_back(reproduction.detectors);
  const auto write = [&](const char* ending, const std::string& text) {
    core::write_file_atomically(run_folder / "tables" / fmt::format("reproduction.{}", ending), text);
  };
  write("md", rendered(all, TableFormat::kMarkdown) + "\n" + reproduction.summary() + "\n");
  write("tex", rendered(all, TableFormat::kLatex));
  write("csv", rendered(compared, TableFormat::kCsv));
  return rendered(all, TableFormat::kText, styled) + "\n" + reproduction.summary() + "\n";
}

}  // namespace normadd::reporting
