// SPDX-License-Identifier: Apache-2.0
#include "experiment/stage_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "config/fingerprint.h"
#include "experiment/plan_memory.h"
#include "experiment/prepared_job.h"
#include "experiment/stage_keys.h"
#include "imaging/codec.h"

namespace normadd::experiment {
namespace {

class Planner {
 public:
  Planner(const Job& job, Session& session)
      : job_(job), session_(session), memory_(session.plan_memory()), prepared_(prepare(job, session)) {
    std::size_t computed = 0;
    for (const auto& [stage, counts] : session.cache().counts()) computed += counts.computed;
    if (computed != memory_.num_computed) memory_ = {{}, {}, computed};
  }

  JobPlan plan() {
    JobPlan plan;
    const auto results = results_key(prepared_, draws_panels(job_, /*is_part_of_sweep=*/true), session_);
    plan.is_result_cached = session_.cache().find(results).has_value();
    if (!plan.is_result_cached) {
      session_.check_texts(job_);
      const std::string data = config::fingerprint(job_.dataset);
      for (std::size_t d = 0; d < job_.detectors.size(); ++d) append(plan, detector_part(d, data));
      append(plan, feature_part(data));
    }
    plan.stages.push_back(planned(results, fmt::format("tables of {}", job_.id)));
    return plan;
  }

 private:
  using Part = std::vector<PlannedStage>;

  static void append(JobPlan& plan, const Part& part) {
    plan.stages.insert(plan.stages.end(), part.begin(), part.end());
  }

  const std::vector<datasets::Category>& categories() const { return prepared_.dataset->dataset.categories; }

  PlannedStage planned(const stages::StageKey& key, std::string label) {
    PlannedStage stage{key.stage(), key.hash(), std::move(label), false, {}, 0};
    if (const auto entry = session_.cache().find(key)) {
      stage.is_cached = true;
      stage.seconds = entry->seconds;
    } else {
      stage.seconds = usual_seconds(key.stage());
    }
    return stage;
  }

  std::optional<double> usual_seconds(const std::string& stage) {
    const auto [found, is_new] = memory_.usual_seconds.emplace(stage, std::nullopt);
    if (is_new) found->second = session_.usual_seconds(stage);
    return found->second;
  }

  const Part& detector_part(std::size_t d, const std::string& data) {
    const NamedDetector& detector = job_.detectors[d];
    const bool subtracts = job_.fusion.rule == "subtract";
    const std::string name = fmt::format("{} {} {} {} {} {} {}", data, config::fingerprint(detector.node),
                                         detector.label, config::fingerprint(*job_.resolved.find("backbone")),
                                         config::fingerprint(*job_.resolved.find("metrics")), job_.options.seed,
                                         job_.run.load_detectors.value_or("")) +
                             (subtracts ? " subtract" : "");
    const auto [found, is_new] = memory_.parts.emplace(name, Part());
    if (!is_new) return found->second;
    Part& part = found->second;
    for (std::size_t c = 0; c < categories().size(); ++c) {
      const datasets::Category& category = categories()[c];
      const DetectorKeys keys = detector_keys(job_, detector, c, session_);
      const auto label = [&](const char* what) {
        return fmt::format("{} {}, {}", what, detector.label, category.name);
      };
      const auto memory = prepared_.detectors[d]->detector->memory_estimate(category.train.size(), image_size(c));
      PlannedStage maps = planned(keys.maps, label("maps of")), fit = planned(keys.fit, label("fit"));
      fit.memory_bytes = memory.fit_bytes;
      maps.memory_bytes = memory.predict_bytes;
      std::optional<PlannedStage> scale;
      if (subtracts && !(*prepared_.plans)[c].pairs.empty()) scale = planned(keys.scale, label("scale of"));
      const bool needs_fit = !maps.is_cached || (scale && !scale->is_cached);
      if (needs_fit && !keys.saved_file) part.push_back(std::move(fit));
      part.push_back(std::move(maps));
      if (scale) part.push_back(std::move(*scale));
      part.push_back(planned(original_metrics_key(job_, keys, c, session_), label("metrics of")));
    }
    return part;
  }

  const Part& feature_part(const std::string& data) {
    const std::string name = fmt::format("{} {} {}", data, config::fingerprint(*job_.resolved.find("clip")),
                                         config::fingerprint(job_.normality));
    const auto [found, is_new] = memory_.parts.emplace(name, Part());
    if (!is_new) return found->second;
    for (std::size_t c = 0; c < categories().size(); ++c) {
      if ((*prepared_.plans)[c].pairs.empty()) continue;
      found->second.push_back(planned(image_features_key(job_, c, session_),
                                      fmt::format("features by {}, {}", job_.clip.name, categories()[c].name)));
    }
    return found->second;
  }

  imaging::Size image_size(std::size_t c) const {
    return imaging::read_image(categories()[c].train.front().image).size();
  }

  const Job& job_;
  Session& session_;
  PlanMemory& memory_;
  PreparedJob prepared_;
};

/// Jobs with equal values share their dearest stages.
std::tuple<std::string, std::string> neighbourhood(const JobPlan& plan) {
  std::string features, maps;
  for (const auto& stage : plan.stages) {
    if (stage.stage == "image_features" && features.empty()) features = stage.hash;
    if (stage.stage == "anomaly_maps" && maps.empty()) maps = stage.hash;
  }
  return {features, maps};
}

}  // namespace

JobPlan plan_job(const Job& job, Session& session) { return Planner(job, session).plan(); }

std::vector<std::size_t> shared_stages_first(const std::vector<JobPlan>& plans) {
  std::set<std::string> taken;
  std::vector<std::size_t> first, rest;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    bool computes = false;
    for (const auto& stage : plans[i].stages) {
      if (stage.is_cached || stage.stage == "results") continue;
      computes = taken.insert(stage.hash).second || computes;
    }
    (computes ? first : rest).push_back(i);
  }
  std::vector<std::tuple<std::string, std::string>> keys(plans.size());
  for (const std::size_t i : rest) keys[i] = neighbourhood(plans[i]);
  std::stable_sort(rest.begin(), rest.end(), [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

}  // namespace normadd::experiment
