// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "reporting/escaping.h"
#include "reporting/report/page.h"
#include "reporting/report/sections.h"
#include "reporting/table.h"

namespace normadd::reporting {
namespace {

/// Three significant digits, and whole numbers up to five places, as panels print scores.
std::string score_text(double value) {
  const double size = std::abs(value);
  return size >= 1000 && size < 99999.5 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

std::string picture_link(const ReportedRun& run, const std::string& picture) {
  return link_to(run.pictures + "/" + picture);
}

/// The picture, so large and so placed that its frame shows one tile. Cut in the page: a panel is stored once.
std::string cut(const std::string& link, const PanelRecord& record, const Rectangle& tile, const std::string& kind,
                const std::string& description) {
  return fmt::format(
      "<img src=\"{}\" class=\"{}\" loading=\"lazy\" decoding=\"async\" alt=\"{}\" "
      "style=\"width:{:.4f}%;left:{:.4f}%;top:{:.4f}%\">",
      link, kind, html_text(description), 100.0 * record.width / tile.width, -100.0 * tile.left / tile.width,
      -100.0 * tile.top / tile.height);
}

std::string example_html(const std::string& link, const PanelRecord& record, const PanelExample& example) {
  const PanelTiles& tiles = example.tiles;
  const std::string name = example.role == "good" ? "good" : fmt::format("{}: {}", example.role, example.type);
  const std::string shape = fmt::format("aspect-ratio:{}/{}", tiles.before.width, tiles.before.height);
  return fmt::format(
      "<figure class=\"example\">\n<div class=\"tile\" style=\"{0}\">{1}</div>\n"
      "<div class=\"tile wipe\" style=\"{0}\">{2}{3}</div>\n"
      "<figcaption><b>{4}</b><span>{5} → {6}</span></figcaption>\n</figure>\n",
      shape, cut(link, record, tiles.image, "picture", name), cut(link, record, tiles.before, "before", "anomaly map"),
      cut(link, record, tiles.after, "after", "anomaly map with suppression"), html_text(name),
      score_text(example.score_before), score_text(example.score_after));
}

/// The numbers of the pair in the cell that the panel shows.
std::string numbers_html(const ReportedRun& run, const ReportedPanel& panel) {
  for (const auto& cell : run.metrics.cells) {
    const bool is_shown = panel.has_record
                              ? cell.detector == panel.record.detector && cell.prompts == panel.record.prompts &&
                                    cell.fusion == panel.record.fusion
                              : !cell.is_control();
    if (!is_shown) continue;
    for (const auto& pair : cell.pairs) {
      if (pair.category != panel.category || pair.added != panel.added) continue;
      return fmt::format("<p class=\"numbers\">{} → {} {}</p>\n", percent_cell(pair.value("image_auroc_before")).text,
                         percent_cell(pair.value("image_auroc_after")).text,
                         gain_html(pair.value("image_auroc_gain"), pair.gain_interval));
    }
  }
  return "";
}

std::string panel_html(const ReportedRun& run, const ReportedPanel& panel, std::size_t number) {
  const std::string link = picture_link(run, panel.picture);
  const std::string name = fmt::format("{} + {}", panel.category, panel.added);
  std::string html = fmt::format("<article class=\"pair\" id=\"pair-{}\" data-item>\n<h3>{} <span>+ {}</span></h3>\n{}",
                                 number, html_text(panel.category), html_text(panel.added), numbers_html(run, panel));
  if (!panel.has_record || panel.record.examples.empty()) {
    return html + fmt::format(
                      "<a href=\"{0}\"><img class=\"whole\" src=\"{0}\" loading=\"lazy\" alt=\"{1}\"></a>\n"
                      "</article>\n",
                      link, html_text("Panel of " + name));
  }
  html += "<div class=\"examples\">\n";
  for (const auto& example : panel.record.examples) html += example_html(link, panel.record, example);
  html += fmt::format(
      "</div>\n<label class=\"slider\"><span>before</span><input type=\"range\" min=\"0\" max=\"100\" "
      "value=\"50\" step=\"1\" aria-label=\"{}\"><span>after</span></label>\n"
      "<p class=\"whole\"><a href=\"{}\">Whole panel</a></p>\n</article>\n",
      html_text("From before to after: " + name), link);
  return html;
}

std::string error_html(const ReportedRun& run, const ScoreError& error, bool is_accept) {
  const auto found = run.thumbnails.find({error.category, error.image});
  const std::string name = fmt::format("{}: {}", error.category, error.type);
  const std::string picture = found == run.thumbnails.end()
                                  ? "<div class=\"nothing\">no picture</div>"
                                  : fmt::format("<img src=\"{}\" loading=\"lazy\" alt=\"{}\">",
                                                picture_link(run, found->second), html_text(name));
  return fmt::format(
      "<figure class=\"error\">\n<div class=\"thumbnail\">{}</div>\n<figcaption><b>{}</b><span class=\"id\" "
      "title=\"{}\">{}</span>"
      "<span>{} added</span><span>score {} → {}</span><span>{} {:.0f} % of {} images</span></figcaption>\n</figure>\n",
      picture, html_text(name), html_text(error.image), html_text(error.image.substr(error.image.rfind('/') + 1)),
      html_text(error.added), score_text(error.score_before), score_text(error.score_after),
      is_accept ? "below" : "above", 100 * error.error, is_accept ? "normal" : "anomalous");
}

std::string errors_html(const ReportedRun& run, const std::vector<ScoreError>& errors, bool is_accept) {
  const std::string title = is_accept ? "False accepts" : "False rejects";
  const std::string meaning =
      is_accept ? "defects that score like normal images" : "normal images that score like defects";
  std::string html = fmt::format("<h3>{} <span>{}</span></h3>\n", title, meaning);
  if (errors.empty()) return html + "<p>None: every image is on its side of the others.</p>\n";
  html += "<div class=\"errors\">\n";
  for (const auto& error : errors) html += error_html(run, error, is_accept);
  return html + "</div>\n";
}

}  // namespace

std::string gallery_section(const ReportedRun& run) {
  if (run.panels.empty()) return "";
  const ReportedPanel& first = run.panels.front();
  std::string html =
      "<p>Of the added, the retained and the good test images the one whose score before is the median of "
      "its group; nobody picked them.";
  if (first.has_record) {
    html += fmt::format(
        " Maps of {}, prompts {}, {}: one colour scale per pair, before and after. The line is the "
        "border of the true mask.",
        html_text(first.record.detector), html_text(first.record.prompts), html_text(first.record.fusion));
  }
  html += "</p>\n<div data-filter=\"pairs\">\n<div class=\"pairs\">\n";
  for (std::size_t i = 0; i < run.panels.size(); ++i) html += panel_html(run, run.panels[i], i + 1);
  return html + "</div>\n</div>\n";
}

std::string errors_section(const ReportedRun& run) {
  if (run.errors.empty()) return "";
  std::string html = fmt::format(
      "<p>By score after addition against the new labels: for each detector and kind the {} images that lie beyond the "
      "largest share of the other kind's images of their pair, each with its worst pair; ties go to the larger "
      "distance "
      "from the other kind's mean.</p>\n",
      kMostErrors);
  for (const auto& detector : run.errors) {
    const std::string body =
        errors_html(run, detector.false_accepts, true) + errors_html(run, detector.false_rejects, false);
    if (run.errors.size() == 1) return html + body;
    html += fmt::format("<details{}><summary>{}</summary>\n{}</details>\n",
                        &detector == &run.errors.front() ? " open" : "", html_text(detector.detector), body);
  }
  return html;
}

}  // namespace normadd::reporting
