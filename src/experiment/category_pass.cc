// SPDX-License-Identifier: Apache-2.0
#include "experiment/category_pass.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <map>

#include "core/log.h"
#include "core/progress.h"
#include "experiment/detector_stages.h"
#include "experiment/mapped_cells.h"
#include "experiment/pair_panels.h"
#include "experiment/saved_maps.h"
#include "experiment/score_fusion.h"
#include "experiment/stage_files.h"

namespace normadd::experiment {
namespace {

namespace fs = std::filesystem;

/// A detector of a job.
struct Use {
  std::size_t job = 0, detector = 0;
};

/// Detectors with the same maps, whichever jobs they belong to.
struct SharedDetector {
  std::unique_ptr<DetectorStages> stages;
  std::vector<Use> uses;
};

std::size_t bytes_of(const TestedImages& tested) {
  std::size_t bytes = 0;
  for (const auto& prediction : tested.predictions) bytes += prediction.map.values.size() * sizeof(float);
  return bytes;
}

class CategoryPass {
 public:
  CategoryPass(std::size_t number, std::span<const BatchJob> jobs, Session& session)
      : number_(number),
        jobs_(jobs),
        session_(session),
        category_(jobs.front().prepared->dataset->dataset.categories[number]),
        outcomes_(jobs.size()) {
    for (std::size_t j = 0; j < jobs.size(); ++j) outcomes_[j].resize(job(j).detectors.size());
  }

  std::vector<CategoryOutcome> run(std::size_t most_map_bytes) {
    auto detectors = shared_detectors();
    for (auto next = detectors.begin(); next != detectors.end();) {
      const auto first = next;
      std::size_t bytes = 0;
      do {
        prepare(*next);
        bytes += bytes_of(next->stages->tested());
        ++next;
      } while (next != detectors.end() && bytes < most_map_bytes);
      fuse({first, next});
      // Frees the maps.
      for (auto done = first; done != next; ++done) done->stages.reset();
    }
    return std::move(outcomes_);
  }

 private:
  using Detectors = std::vector<SharedDetector>;

  const Job& job(std::size_t j) const { return *jobs_[j].prepared->job; }
  const EvaluationPlan& plan(std::size_t j) const { return (*jobs_[j].prepared->plans)[number_]; }

  Detectors shared_detectors() const {
    Detectors detectors;
    std::map<std::string, std::size_t> known;
    for (std::size_t j = 0; j < jobs_.size(); ++j) {
      for (std::size_t d = 0; d < job(j).detectors.size(); ++d) {
        auto stages = std::make_unique<DetectorStages>(*jobs_[j].prepared, d, number_, session_);
        const auto [found, is_new] = known.emplace(stages->keys().maps_hash, detectors.size());
        if (is_new) detectors.push_back({std::move(stages), {}});
        detectors[found->second].uses.push_back({j, d});
      }
    }
    return detectors;
  }

  /// Everything that concerns a detector alone, while it is the one that is fitted.
  void prepare(SharedDetector& detector) {
    DetectorStages& stages = *detector.stages;
    const auto before = std::make_shared<const Scores>(stages.tested().scores);
    for (const auto& [j, d] : detector.uses) {
      const std::string& label = job(j).detectors[d].label;
      if (job(j).run.save_detectors && !job(j).run.load_detectors) {
        const fs::path folder = jobs_[j].folder() / "detectors";
        save_detector(category_, stages.fitted(),
                      (job(j).detectors.size() > 1 ? folder / label : folder) / (category_.name + ".safetensors"));
      }
      if (job(j).run.save_maps) save_maps(jobs_[j].folder() / "maps" / label, category_, stages.tested());
      outcomes_[j][d].original = stages.original_results(job(j));
      outcomes_[j][d].before = before;
      for (const auto& pair : plan(j).pairs) outcomes_[j][d].cells.emplace_back(pair.cells.size());
      if (is_fused(j) && job(j).fusion.rule == "subtract") stages.scale();
    }
  }

  bool is_fused(std::size_t j) const { return !plan(j).pairs.empty(); }

  double scale_of(SharedDetector& detector, std::size_t j) const {
    return job(j).fusion.rule == "subtract" ? detector.stages->scale() : 1.0;
  }

  void fuse(std::span<SharedDetector> detectors) {
    ScoreFusion fusion(category_);
    std::map<std::size_t, PairPanels> panels;  // by job
    std::list<MappedCells> mapped;
    for (auto& detector : detectors) {
      TestedImages& tested = detector.stages->tested();
      const std::size_t number = fusion.add_detector(tested);
      for (const auto& [j, d] : detector.uses) {
        if (!is_fused(j)) continue;
        std::vector<std::size_t> texts;
        for (const auto& text : plan(j).texts) {
          texts.push_back(fusion.add_text(*jobs_[j].prepared->normality->detector, text));
        }
        const double scale = scale_of(detector, j);
        PairPanels* shown = nullptr;
        if (d == 0 && jobs_[j].with_panels) {
          shown = &panels.try_emplace(j, category_, plan(j), tested, true).first->second;
        }
        MappedCells& cells = mapped.emplace_back(category_, plan(j), tested, job(j), scale, shown, outcomes_[j][d]);
        if (!cells.is_empty()) fusion.add_mapped(number, cells, texts);
        add_scores(fusion, number, {j, d}, texts, scale);
      }
    }
    if (fusion.is_empty()) return;
    fusion.encode();
    go_through_features(fusion);
    for (auto& cells : mapped) cells.finish();
    for (const auto& [j, shown] : panels) {
      shown.write(jobs_[j].folder() / "images", job(j).detectors.front().label);
    }
  }

  void add_scores(ScoreFusion& fusion, std::size_t number, Use use, const std::vector<std::size_t>& texts,
                  double scale) {
    const EvaluationPlan& planned = plan(use.job);
    for (std::size_t p = 0; p < planned.pairs.size(); ++p) {
      for (std::size_t c = 0; c < planned.pairs[p].cells.size(); ++c) {
        const PlannedCell& cell = planned.pairs[p].cells[c];
        if (needs_maps(cell, job(use.job))) continue;
        outcomes_[use.job][use.detector].cells[p][c].after =
            fusion.add_scores(number, texts[cell.text], job(use.job).fusion, scale);
      }
    }
  }

  /// Batch by batch, so that the features of all images are never in memory at once.
  void go_through_features(ScoreFusion& fusion) {
    const Job& leader = job(0);
    const normality::NormalityDetector& detector = *jobs_.front().prepared->normality->detector;
    const auto batch = static_cast<std::size_t>(leader.run.batch_size);
    const std::size_t count = category_.test.size();
    const auto compute = [&](const std::string& label, const auto& use) {
      core::Progress progress(fmt::format("{} {}", label, category_.name), count);
      for (std::size_t begin = 0; begin < count; begin += batch) {
        const std::size_t end = std::min(begin + batch, count);
        use(begin, detector.features(read_test_images(category_, begin, end)));
        progress.advance(end - begin);
      }
    };
    if (session_.cache().options().root.empty()) {
      compute("suppress", [&](std::size_t begin, const auto& features) { fusion.run(begin, features); });
      return;
    }
    const auto file = [](const fs::path& folder, std::size_t begin) {
      return folder / fmt::format("from_{:06}.safetensors", begin);
    };
    session_.cache().obtain(
        image_features_key(leader, number_, session_),
        [&](const fs::path& folder) {
          compute("encode",
                  [&](std::size_t begin, const auto& features) { write_features(file(folder, begin), features); });
        },
        [&](const fs::path& folder) {
          core::Progress progress("suppress " + category_.name, count);
          for (std::size_t begin = 0; begin < count;) {
            const auto features = read_features(file(folder, begin));
            fusion.run(begin, features);
            begin += features.size();
            progress.advance(features.size());
          }
        });
  }

  std::size_t number_;
  std::span<const BatchJob> jobs_;
  Session& session_;
  const datasets::Category& category_;
  std::vector<CategoryOutcome> outcomes_;
};

}  // namespace

std::vector<CategoryOutcome> pass_category(std::size_t category, std::span<const BatchJob> jobs, Session& session,
                                           std::size_t most_map_bytes) {
  const BatchJob& leader = jobs.front();
  if ((*leader.prepared->plans)[category].pairs.empty()) {
    const auto& found = leader.prepared->dataset->dataset.categories[category];
    core::log_warning(found.name + (found.defect_types.empty()
                                        ? ": no defect type, so nothing to measure"
                                        : ": a single defect type, so no pair: normality addition is left out here"));
  }
  return CategoryPass(category, jobs, session).run(most_map_bytes);
}

}  // namespace normadd::experiment
