// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "reporting/ablation_table.h"
#include "reporting/changed_keys.h"
#include "reporting/escaping.h"
#include "reporting/pair_table.h"
#include "reporting/report/data_table.h"
#include "reporting/report/page.h"
#include "reporting/report/sections.h"

namespace normadd::reporting {
namespace {

bool has_several_detectors(const ReportedRun& run) { return run.leading_cells().size() > 1; }

std::string figure_html(const Figure& figure) {
  // A figure's own text is escaped by whoever drew it.
  return fmt::format(
      "<figure class=\"drawing\" id=\"figure-{}\">\n<h3>{}</h3>\n<div class=\"wide paper\" role=\"img\" "
      "aria-label=\"{}\">{}</div>\n<figcaption>{}</figcaption>\n</figure>\n",
      html_text(figure.name), html_text(figure.title), html_text(figure.title), figure.svg, html_text(figure.caption));
}

std::string plural(std::size_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

std::string pairs_section(const ReportedRun& run, const std::string& all_cells) {
  const auto cells = run.leading_cells();
  if (cells.empty()) return "";
  std::string html;
  if (!has_several_detectors(run)) {
    html = data_table(pair_table(*cells.front()), false);
  } else {
    std::vector<Table> tables;
    std::vector<std::string> names;
    for (const auto* cell : cells) {
      tables.push_back(pair_table(*cell));
      names.push_back(cell->detector);
    }
    Table joined = joined_table(tables, "detector", names);
    joined.title = "Every pair under every detector";
    html = data_table(joined, false);
  }
  const std::size_t num_others = run.metrics.cells.size() - cells.size();
  if (num_others > 0 && !all_cells.empty()) {
    html +=
        fmt::format("<p><a href=\"{}\">The same for {}, controls included</a></p>\n", link_to(all_cells),
                    num_others == 1 ? std::string("the other cell") : fmt::format("the other {} cells", num_others));
  }
  return html;
}

std::string all_pairs_section(const ReportedRun& run) {
  std::vector<Table> tables;
  std::vector<std::string> names;
  for (const auto& cell : run.metrics.cells) {
    Table table = pair_table(cell);
    // Which cell a row belongs to stands before it.
    table.columns.insert(table.columns.begin(), {{"prompts", "prompts", false}, {"fusion", "fusion", false}});
    for (auto& row : table.rows) {
      row.cells.insert(row.cells.begin(),
                       {word_cell(cell.prompts.empty() ? "(no text)" : cell.prompts), word_cell(cell.fusion)});
    }
    tables.push_back(std::move(table));
    names.push_back(cell.detector);
  }
  Table joined = joined_table(tables, "detector", names);
  joined.title = "Every pair in every cell";
  return data_table(joined, false);
}

std::string originals_section(const ReportedRun& run) {
  std::string html;
  for (const auto& detector : run.metrics.originals) {
    const Table table = original_table(detector);
    if (run.metrics.originals.size() == 1) return data_table(table, false);
    html += fmt::format("<details{}><summary>{}</summary>\n{}</details>\n", html.empty() ? " open" : "",
                        html_text(detector.detector), data_table(table, false));
  }
  return html;
}

std::string figures_section(const std::vector<Figure>& figures) {
  // "Gain per pair: padim" is one of a family, which is unfolded together.
  std::vector<std::pair<std::string, std::string>> families;
  std::string single;
  for (const auto& figure : figures) {
    const std::size_t colon = figure.title.find(": ");
    const std::string family = figure.title.substr(0, colon);
    if (colon == std::string::npos) {
      single += figure_html(figure);
    } else if (families.empty() || families.back().first != family) {
      families.emplace_back(family, figure_html(figure));
    } else {
      families.back().second += figure_html(figure);
    }
  }
  const auto grid = [](const std::string& html) { return "<div class=\"drawings\">\n" + html + "</div>\n"; };
  std::string html = single.empty() ? "" : grid(single);
  for (const auto& [family, drawings] : families) {
    html += fmt::format("<details{}><summary>{}</summary>\n{}</details>\n", html.empty() ? " open" : "",
                        html_text(family), grid(drawings));
  }
  return html;
}

std::string comparison_section(const RunListing& listing) {
  std::string html = data_table(ablation_table(listing, {}), false);
  std::string notes;
  if (listing.num_unfinished > 0) notes += plural(listing.num_unfinished, "run") + " not finished. ";
  if (listing.num_repeated > 0) notes += plural(listing.num_repeated, "run") + " repeated: the newest counts.";
  return notes.empty() ? html : html + "<p class=\"notes\">" + notes + "</p>\n";
}

std::string differences_section(const RunListing& listing, const std::vector<std::string>& names,
                                const std::vector<std::string>& links) {
  const auto keys = changed_keys(listing.runs);
  Table table;
  table.title = "Where the configurations differ";
  table.columns = {{"run", "run", false}};
  for (const auto& key : keys) table.columns.push_back({key.key, key.key, false});
  const auto is_number = [](const std::string& seed) {
    return !seed.empty() && std::all_of(seed.begin(), seed.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  table.columns.push_back({"seed", "seed", std::all_of(listing.runs.begin(), listing.runs.end(), [&](const auto& run) {
                             return is_number(seed_of(run));
                           })});
  CellHtml replaced;
  for (std::size_t r = 0; r < listing.runs.size(); ++r) {
    TableRow row{{word_cell(names[r])}};
    for (const auto& key : keys) row.cells.push_back(word_cell(key.values[r]));
    row.cells.push_back(word_cell(seed_of(listing.runs[r])));
    replaced[{r, 0}] = fmt::format("<a href=\"{}\">{}</a>", link_to(links[r]), html_text(names[r]));
    table.rows.push_back(std::move(row));
  }
  for (const auto& key : keys) {
    if (!key.follows.empty()) table.notes.push_back(fmt::format("{} goes with {}.", key.key, key.follows));
  }
  if (keys.empty()) table.notes.emplace_back("The configurations differ in nothing but, perhaps, the seed.");
  return data_table(table, false, replaced);
}

}  // namespace normadd::reporting
