// SPDX-License-Identifier: Apache-2.0
#include "reporting/reproduction.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.h"
#include "reporting/detector_table.h"
#include "reporting/means.h"
#include "reporting/provenance.h"
#include "reporting/run_metrics.h"

namespace normadd::reporting {
namespace {

bool minds_masks(const std::string& metric) { return metric.starts_with("pixel_") || metric.starts_with("aupro"); }

std::optional<double> if_defined(double value) {
  return std::isnan(value) ? std::nullopt : std::optional<double>(value);
}

/// Compares one detector with one source.
class Comparison {
 public:
  Comparison(const RunMetrics& run, const RunConditions& conditions, const OfficialFacts& facts,
             const PublishedSource& source, const std::string& detector)
      : conditions_(conditions), facts_(facts) {
    compared_.source = source;
    compared_.detector = detector;
    for (const auto& original : run.originals) {
      if (original.detector == detector) originals_ = &original.categories;
    }
    for (const auto& cell : run.cells) {
      if (cell.detector != detector || cell.is_control() || cell_ != nullptr) continue;
      cell_ = &cell;
    }
  }

  ComparedSource compared() && {
    for (const auto& clause :
         conditions_.differences(source(), compared_.detector, source().numbers.front().dataset, facts_)) {
      of_everything_.push_back(reason(clause));
    }
    for (const auto& number : source().numbers) add(number);
    note_what_is_missing();
    for (const auto& clause : source().unchecked) compared_.notes.push_back("Not checked: " + clause + ".");
    return std::move(compared_);
  }

 private:
  const PublishedSource& source() const { return compared_.source; }

  std::size_t reason(const std::string& clause) {
    auto& reasons = compared_.reasons;
    const auto found = std::find(reasons.begin(), reasons.end(), clause);
    if (found != reasons.end()) return static_cast<std::size_t>(found - reasons.begin());
    reasons.push_back(clause);
    return reasons.size() - 1;
  }

  static const CategoryNumbers* find(const std::vector<CategoryNumbers>* all, const std::string& category,
                                     const std::string& added) {
    if (all == nullptr) return nullptr;
    const auto found = std::find_if(all->begin(), all->end(),
                                    [&](const auto& one) { return one.category == category && one.added == added; });
    return found == all->end() ? nullptr : &*found;
  }

  const std::vector<CategoryNumbers>* numbers_of(const PublishedNumber& number) const {
    if (number.added.empty()) return originals_;
    return cell_ == nullptr ? nullptr : &cell_->pairs;
  }

  void blame(ComparedNumber& compared, const std::vector<std::string>& clauses) {
    for (const auto& clause : clauses) {
      const std::size_t index = reason(clause);
      if (std::find(compared.reasons.begin(), compared.reasons.end(), index) == compared.reasons.end()) {
        compared.reasons.push_back(index);
      }
    }
  }

  void blame_category(ComparedNumber& compared, const std::string& category) {
    blame(compared,
          conditions_.category_differences(category, compared_.detector, minds_masks(compared.metric), facts_));
  }

  void add(const PublishedNumber& number) {
    ComparedNumber compared{
        number.category, number.added, number.metric, {}, number.value, number.tolerance, number.verified, 0, {}, {}};
    compared.reasons = of_everything_;
    for (const char* metric : {number.metric.c_str(), "all"}) {
      const auto never = source().never_comparable.find(metric);
      if (never != source().never_comparable.end()) blame(compared, {never->second});
    }
    if (number.is_mean()) {
      add_mean(compared, number);
    } else {
      const CategoryNumbers* ours = find(numbers_of(number), number.category, number.added);
      if (ours == nullptr) {
        ++num_absent_;
        return;
      }
      compared.ours = if_defined(ours->value(number.metric));
      blame_category(compared, number.category);
    }
    compared.verdict = verdict_of(compared);
    compared_.numbers.push_back(std::move(compared));
  }

  static Verdict verdict_of(const ComparedNumber& compared) {
    if (!compared.published) return compared.ours ? Verdict::kNothingPublished : Verdict::kNotMeasured;
    if (!compared.ours) return Verdict::kNotMeasured;
    if (!compared.reasons.empty()) return Verdict::kNotComparable;
    // The tolerance itself is within it, whatever the last bit of a difference says.
    return std::abs(*compared.difference()) <= *compared.tolerance + 1e-9 ? Verdict::kWithin : Verdict::kOutside;
  }

  /// Over the categories, or pairs, that both have; the source's own mean where those are all of its.
  void add_mean(ComparedNumber& compared, const PublishedNumber& number) {
    const bool of_pairs = number.added == "*";
    std::vector<CategoryNumbers> shared;
    double sum = 0;
    std::size_t num_named = 0;
    for (const auto& other : source().numbers) {
      if (other.is_mean() || other.metric != number.metric || other.added.empty() == of_pairs) continue;
      ++num_named;
      const CategoryNumbers* ours = find(numbers_of(number), other.category, other.added);
      if (ours == nullptr || std::isnan(ours->value(number.metric))) continue;
      shared.push_back(*ours);
      sum += other.value.value_or(0);
      blame_category(compared, other.category);
    }
    if (num_named == 0) {
      if (of_pairs) {
        add_pair_mean(compared, number);
      } else {
        add_published_only_as_mean(compared, number);
      }
      return;
    }
    compared.num_averaged = shared.size();
    if (shared.empty()) return;
    compared.ours = if_defined(pair_mean(shared, number.metric));
    if (shared.size() == num_named) return;
    mean_of_some_ = std::pair(shared.size(), num_named);
    if (!compared.published) return;
    const auto count = static_cast<double>(shared.size());
    compared.published = sum / count;
    if (compared.tolerance) *compared.tolerance *= std::sqrt(static_cast<double>(num_named) / count);
  }

  void add_published_only_as_mean(ComparedNumber& compared, const PublishedNumber& number) {
    if (originals_ == nullptr) return;
    compared.ours = if_defined(category_mean(*originals_, number.metric));
    compared.num_averaged = originals_->size();
    for (const auto& category : *originals_) blame_category(compared, category.category);
    const auto dataset = facts_.datasets.find(number.dataset);
    if (dataset == facts_.datasets.end() || dataset->second.categories.size() == originals_->size()) return;
    blame(compared, {fmt::format("mean over {} categories; published is only that over {}", originals_->size(),
                                 dataset->second.categories.size())});
  }

  void add_pair_mean(ComparedNumber& compared, const PublishedNumber& number) {
    if (cell_ == nullptr) return;
    compared.ours = if_defined(pair_mean(cell_->pairs, number.metric));
    compared.num_averaged = cell_->pairs.size();
    std::set<std::string> categories;
    for (const auto& pair : cell_->pairs) {
      if (categories.insert(pair.category).second) blame_category(compared, pair.category);
    }
    const auto dataset = facts_.datasets.find(number.dataset);
    if (dataset == facts_.datasets.end() || dataset->second.num_pairs == cell_->pairs.size()) return;
    blame(compared, {fmt::format("mean over {} pairs; published is only that over {}", cell_->pairs.size(),
                                 dataset->second.num_pairs)});
  }

  void note_what_is_missing() {
    if (num_absent_ > 0) {
      compared_.notes.push_back(
          fmt::format("{} published numbers belong to categories or pairs that the run does not have.", num_absent_));
    }
    if (mean_of_some_) {
      compared_.notes.push_back(
          fmt::format("mean: over the {} categories or pairs that both have, not over all {}; its tolerance grows "
                      "with the square root of their ratio.",
                      mean_of_some_->first, mean_of_some_->second));
    }
    const bool has_pairs = std::any_of(compared_.numbers.begin(), compared_.numbers.end(),
                                       [](const ComparedNumber& number) { return !number.added.empty(); });
    if (has_pairs && cell_ != nullptr) {
      compared_.notes.push_back(fmt::format("Pairs: prompts {}, fusion {}, score = maximum of the map.",
                                            cell_->prompts.empty() ? "none" : cell_->prompts, cell_->fusion));
    }
  }

  const RunConditions& conditions_;
  const OfficialFacts& facts_;
  const std::vector<CategoryNumbers>* originals_ = nullptr;
  const CellNumbers* cell_ = nullptr;
  ComparedSource compared_;
  std::vector<std::size_t> of_everything_;
  std::size_t num_absent_ = 0;
  std::optional<std::pair<std::size_t, std::size_t>> mean_of_some_;
};

}  // namespace

std::optional<double> ComparedNumber::difference() const {
  return ours && published ? std::optional<double>(*ours - *published) : std::nullopt;
}

std::size_t Reproduction::count(Verdict verdict) const {
  std::size_t count = 0;
  for (const auto& source : sources) {
    count += static_cast<std::size_t>(std::count_if(source.numbers.begin(), source.numbers.end(),
                                                    [&](const auto& number) { return number.verdict == verdict; }));
  }
  return count;
}

bool Reproduction::holds() const {
  if (count(Verdict::kOutside) > 0) return false;
  const bool has_published = std::any_of(sources.begin(), sources.end(), [](const ComparedSource& one) {
    return std::any_of(one.source.numbers.begin(), one.source.numbers.end(),
                       [](const PublishedNumber& number) { return number.value.has_value(); });
  });
  return num_comparable() > 0 || !has_published;
}

Reproduction compare_with_published(const std::filesystem::path& run_folder, const std::string& experiment,
                                    const std::vector<PublishedSource>& sources, const OfficialFacts& facts) {
  const RunConditions conditions(run_folder);
  const RunMetrics run = read_run_metrics(run_folder / "metrics.csv");
  const auto detectors = conditions.detectors();
  Reproduction reproduction;
  reproduction.experiment = experiment;
  reproduction.provenance = run_provenance(run_folder, run.run);
  bool is_known = false;
  for (const auto& source : sources) {
    const std::string label = source.label_in(experiment);
    if (label.empty()) continue;
    is_known = true;
    for (const auto& detector : detectors) {
      if (label != "*" && label != detector) continue;
      reproduction.sources.push_back(Comparison(run, conditions, facts, source, detector).compared());
    }
  }
  if (!is_known) {
    throw core::DataError(fmt::format("no published numbers belong to '{}'", experiment),
                          "results/published/sources.yaml",
                          "normadd reproduce --list shows the experiments that have some.");
  }
  if (reproduction.sources.empty()) {
    throw core::DataError(
        fmt::format("the run has none of the detectors of {}; it has {}", experiment, fmt::join(detectors, ", ")),
        run_folder.string(), "Name a run that 'normadd reproduce' or experiment= made.");
  }
  const bool has_pairs = std::any_of(reproduction.sources.begin(), reproduction.sources.end(), [](const auto& one) {
    return std::any_of(one.numbers.begin(), one.numbers.end(),
                       [](const ComparedNumber& number) { return !number.added.empty(); });
  });
  if (has_pairs) reproduction.detectors = detector_table(run);
  return reproduction;
}

}  // namespace normadd::reporting
