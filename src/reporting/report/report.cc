// SPDX-License-Identifier: Apache-2.0
#include "reporting/report/report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <set>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "reporting/escaping.h"
#include "reporting/report/page.h"
#include "reporting/report/reported_run.h"
#include "reporting/report/sections.h"
#include "reporting/run_figures.h"

namespace normadd::reporting {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIndex = "index.html";
constexpr const char* kMark = "<meta name=\"generator\" content=\"normadd report\">";

bool is_report(const fs::path& folder) {
  return fs::is_regular_file(folder / kIndex) && core::read_file(folder / kIndex).find(kMark) != std::string::npos;
}

void refuse_other_folders(const fs::path& folder) {
  if (!fs::exists(folder) || (fs::is_directory(folder) && (fs::is_empty(folder) || is_report(folder)))) return;
  throw core::OutputError("something other than a report is there", folder.string(),
                          "Name another folder with --out, or move it away.");
}

/// A folder beside the final one, which takes its place in the end; removed with the object when it did not.
class NewFolder {
 public:
  explicit NewFolder(const fs::path& target)
      : target_(target),
        path_(target.parent_path() / fmt::format(".{}.{}.tmp", target.filename().string(), ::getpid())) {
    core::make_new_directory(path_);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  ~NewFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

  void appear() {
    const fs::path old = path_.string() + ".old";
    std::error_code error;
    const bool replaces = fs::exists(target_);
    if (replaces) fs::rename(target_, old, error);
    if (!error) fs::rename(path_, target_, error);
    if (error) {
      std::error_code ignored;
      if (replaces && !fs::exists(target_)) fs::rename(old, target_, ignored);
      throw core::OutputError("cannot put the report in its place: " + error.message(), target_.string(),
                              "Check the permissions of its parent folder.");
    }
    fs::remove_all(old, error);
  }

 private:
  fs::path target_, path_;
};

/// Copies the run's pictures that its page shows.
void copy_pictures(const ReportedRun& run, const fs::path& report) {
  std::set<std::string> names;
  for (const auto& panel : run.panels) names.insert(panel.picture);
  for (const auto& errors : run.errors) {
    for (const auto* list : {&errors.false_accepts, &errors.false_rejects}) {
      for (const auto& error : *list) {
        if (const auto found = run.thumbnails.find({error.category, error.image}); found != run.thumbnails.end()) {
          names.insert(found->second);
        }
      }
    }
  }
  if (names.empty()) return;
  const core::UnsyncedWrites unsynced;
  for (const auto& name : names) {
    core::write_file_atomically(report / run.pictures / name, core::read_file(run.listed->folder / "images" / name));
  }
}

std::string byline(const ReportedRun& run) {
  std::string text = fmt::format("Run <code>{}</code>", html_text(run.name));
  if (const auto seed = run.setting("seed"); !seed.empty()) text += " · seed " + html_text(seed);
  return "<p>" + text + "</p>\n";
}

std::string title_of(const ReportedRun& run) {
  const std::string dataset = run.setting("dataset.name");
  return dataset.empty() ? "Normality addition" : "Normality addition on " + dataset;
}

/// The page of a run, and that of all its cells.
void write_run_pages(const ReportedRun& run, const RunListing& listing, const fs::path& report, const std::string& file,
                     const std::string& above) {
  const bool has_others = run.metrics.cells.size() > run.leading_cells().size();
  const std::string stem = file.substr(0, file.size() - std::string(".html").size());
  const std::string pairs = stem == "index" ? "pairs.html" : stem + "-pairs.html";
  RunListing alone;
  for (const auto& listed : listing.runs) {
    if (&listed == run.listed) alone.runs.push_back(listed);
  }
  Page page;
  page.title = title_of(run);
  page.above = above;
  page.below = byline(run);
  page.sections = {{"summary", "Summary", summary_section(run)},
                   {"controls", "What the controls say", controls_section(run)},
                   {"figures", "Figures", figures_section(run_figures(alone))},
                   {"pairs", "Pairs", pairs_section(run, has_others ? pairs : "")},
                   {"gallery", "Gallery", gallery_section(run)},
                   {"errors", "Worst errors", errors_section(run)},
                   {"originals", "Original labels", originals_section(run)},
                   {"provenance", "Provenance", provenance_section(run)}};
  core::write_file_atomically(report / file, page_html(page));
  if (!has_others) return;
  Page all;
  all.title = "Every pair in every cell";
  all.above = fmt::format("<p class=\"above\"><a href=\"{}\">{}</a></p>\n", link_to(file), html_text(page.title));
  all.below = byline(run);
  all.sections = {{"pairs", "Pairs", all_pairs_section(run)}};
  core::write_file_atomically(report / pairs, page_html(all));
}

/// "run-NAME", "run-NAME-2": equal names are different runs.
std::vector<std::string> page_stems(const std::vector<std::string>& names) {
  std::vector<std::string> stems;
  std::set<std::string> taken;
  for (const auto& name : names) {
    const std::string stem = "run-" + file_name_text(name);
    std::string free = stem;
    for (int i = 2; !taken.insert(free).second; ++i) free = fmt::format("{}-{}", stem, i);
    stems.push_back(free);
  }
  return stems;
}

void write_comparison(const RunListing& listing, const fs::path& report) {
  std::vector<std::string> names, links;
  for (const auto& listed : listing.runs) {
    names.push_back(listed.id.empty() ? listed.folder.filename().string() : listed.id.substr(0, 8));
  }
  const auto stems = page_stems(names);
  for (const auto& stem : stems) links.push_back(stem + ".html");
  const std::string above = fmt::format("<p class=\"above\"><a href=\"{}\">All runs</a></p>\n", kIndex);
  for (std::size_t r = 0; r < listing.runs.size(); ++r) {
    ReportedRun run = read_reported_run(listing.runs[r]);
    run.pictures = "images/" + stems[r];
    copy_pictures(run, report);
    write_run_pages(run, listing, report, links[r], above);
  }
  Page page;
  page.title = fmt::format("Normality addition: {} runs", listing.runs.size());
  page.sections = {{"comparison", "Comparison", comparison_section(listing)},
                   {"differences", "Configurations", differences_section(listing, names, links)},
                   {"figures", "Figures", figures_section(run_figures(listing))}};
  core::write_file_atomically(report / kIndex, page_html(page));
}

}  // namespace

WrittenReport write_report(const RunListing& listing, const fs::path& folder) {
  const fs::path target = fs::absolute(folder).lexically_normal();
  const fs::path place = target.filename().empty() ? target.parent_path() : target;
  refuse_other_folders(place);
  core::make_directories(place.parent_path());
  NewFolder report(place);
  if (listing.runs.size() == 1) {
    ReportedRun run = read_reported_run(listing.runs.front());
    run.pictures = "images";
    copy_pictures(run, report.path());
    write_run_pages(run, listing, report.path(), kIndex, "");
  } else {
    write_comparison(listing, report.path());
  }
  WrittenReport written{folder / kIndex, 0, 0};
  for (const auto& entry : fs::recursive_directory_iterator(report.path())) {
    if (!entry.is_regular_file()) continue;
    ++written.num_files;
    written.num_bytes += entry.file_size();
  }
  report.appear();
  return written;
}

}  // namespace normadd::reporting
