// SPDX-License-Identifier: Apache-2.0
#include "reporting/figure_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "reporting/intervals.h"

namespace normadd::reporting {
namespace {

constexpr const char* kCellKeys[] = {"detector", "prompts", "fusion"};

bool same_numbers(const FigureSubject& a, const FigureSubject& b) {
  if (a.detector != b.detector || a.originals.size() != b.originals.size()) return false;
  for (std::size_t i = 0; i < a.originals.size(); ++i) {
    const auto &one = a.originals[i], &other = b.originals[i];
    const auto equal = [](const auto& x, const auto& y) {
      return x.first == y.first && (x.second == y.second || (x.second != x.second && y.second != y.second));
    };
    if (one.category != other.category ||
        !std::equal(one.values.begin(), one.values.end(), other.values.begin(), other.values.end(), equal)) {
      return false;
    }
  }
  return true;
}

const CellNumbers* leading_cell(const RunMetrics& metrics, const std::string& detector) {
  const auto found = std::find_if(metrics.cells.begin(), metrics.cells.end(), [&](const CellNumbers& cell) {
    return cell.detector == detector && !cell.is_control();
  });
  return found == metrics.cells.end() ? nullptr : &*found;
}

bool is_cell(const CellScores& scores, const CellNumbers& numbers) {
  return scores.detector == numbers.detector && scores.prompts == numbers.prompts && scores.fusion == numbers.fusion;
}

}  // namespace

FigureSource::FigureSource(const RunListing& all) : listing(all), changed_(changed_keys(all.runs)) {
  std::erase_if(changed_, [](const ChangedKey& key) { return !key.follows.empty(); });
  for (const auto& key : changed_) keys.push_back(key.key);
  for (const char* key : kCellKeys) keys.emplace_back(key);
  for (std::size_t i = 0; i < listing.runs.size(); ++i) read(listing.runs[i], i);
  num_leading = leading.size();
  if (leading.size() > kMostSubjects) leading.clear();
  num_originals = originals.size();
  originals.resize(std::min(originals.size(), kMostSubjects));
  read_scores();
  name_subjects(originals);
  name_subjects(leading);
}

void FigureSource::read(const ListedRun& run, std::size_t index) {
  const RunMetrics metrics = read_run_metrics(run.folder / "metrics.csv");
  for (const auto& original : metrics.originals) {
    FigureSubject subject{&run, index, original.detector, "", original.categories, std::nullopt, nullptr, nullptr};
    const CellNumbers* cell = leading_cell(metrics, original.detector);
    if (cell != nullptr) subject.cell = *cell;
    const bool known =
        std::any_of(originals.begin(), originals.end(), [&](const auto& one) { return same_numbers(one, subject); });
    if (!known) originals.push_back(subject);
    if (cell != nullptr) leading.push_back(std::move(subject));
  }
  for (const auto& cell : metrics.cells) {
    FigureCell made{{}, &run, seed_of(run), cell};
    for (const auto& key : changed_) made.settings.push_back(key.values[index]);
    made.settings.insert(made.settings.end(), {cell.detector, cell.prompts, cell.fusion});
    cells.push_back(std::move(made));
  }
}

void FigureSource::read_scores() {
  std::map<const ListedRun*, RunScores*> of_run;
  const auto read_once = [&](const ListedRun& run) {
    const auto [place, is_new] = of_run.emplace(&run, nullptr);
    const auto file = run.folder / "scores.csv";
    if (is_new && std::filesystem::is_regular_file(file)) {
      place->second = scores_.emplace_back(std::make_unique<RunScores>(read_run_scores(file))).get();
      intervals_of(run, *place->second);
    }
    return place->second;
  };
  for (auto* subjects : {&originals, &leading}) {
    for (auto& subject : *subjects) {
      subject.run_scores = read_once(*subject.run);
      if (subject.run_scores == nullptr) continue;
      const auto& all = subject.run_scores->cells;
      const auto found = std::find_if(all.begin(), all.end(), [&](const CellScores& one) {
        return subject.cell ? is_cell(one, *subject.cell) : one.detector == subject.detector;
      });
      if (found != all.end()) subject.scores = &*found;
    }
  }
  if (listing.runs.size() <= kMostRunsWithIntervals) {
    for (const auto& run : listing.runs) read_once(run);
  }
  // Whiskers at a few points of a curve would look as if the others had none.
  const bool all_known = std::all_of(
      cells.begin(), cells.end(), [](const FigureCell& cell) { return cell.numbers.pair_mean_interval.is_defined(); });
  if (all_known) return;
  for (auto& cell : cells) cell.numbers.pair_mean_interval = {};
}

void FigureSource::intervals_of(const ListedRun& run, const RunScores& scores) {
  RunMetrics measured;
  for (const auto& cell : cells) {
    if (cell.run == &run) measured.cells.push_back(cell.numbers);
  }
  add_intervals(measured, gain_intervals(scores));
  auto next = measured.cells.begin();
  for (auto& cell : cells) {
    if (cell.run == &run) cell.numbers = *next++;
  }
  for (auto* subjects : {&originals, &leading}) {
    for (auto& subject : *subjects) {
      if (subject.run != &run || !subject.cell) continue;
      const auto found = std::find_if(measured.cells.begin(), measured.cells.end(), [&](const CellNumbers& one) {
        return one.detector == subject.cell->detector && one.prompts == subject.cell->prompts &&
               one.fusion == subject.cell->fusion;
      });
      subject.cell = *found;
    }
  }
}

void FigureSource::name_subjects(std::vector<FigureSubject>& subjects) const {
  for (auto& subject : subjects) {
    std::vector<std::string> words{subject.detector};
    for (const auto& key : changed_) {
      const std::string& value = key.values[subject.run_index];
      const bool tells =
          value != subject.detector && std::any_of(subjects.begin(), subjects.end(), [&](const FigureSubject& other) {
            return other.detector == subject.detector && key.values[other.run_index] != value;
          });
      if (tells) words.push_back(value.empty() ? "-" : value);
    }
    subject.label = fmt::format("{}", fmt::join(words, ", "));
  }
  // Seeds are no changed keys.
  std::map<std::string, std::size_t> count_of;
  for (const auto& subject : subjects) ++count_of[subject.label];
  for (auto& subject : subjects) {
    if (count_of[subject.label] > 1) subject.label += fmt::format(", seed {}", seed_of(*subject.run));
  }
  std::set<std::string> known;
  for (auto& subject : subjects) {
    const std::string label = subject.label;
    for (int i = 2; !known.insert(subject.label).second; ++i) subject.label = fmt::format("{} ({})", label, i);
  }
}

std::string note_of_omission(std::size_t shown, std::size_t all) {
  return shown < all ? fmt::format(" The first {} of {}.", shown, all) : "";
}

}  // namespace normadd::reporting
