// SPDX-License-Identifier: Apache-2.0
#include "experiment/plan_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/progress.h"

namespace normadd::experiment {
namespace {

struct StageSum {
  std::string stage;
  std::size_t distinct = 0, cached = 0, unknown = 0;
  double seconds = 0;  // of the missing ones whose time is known

  std::size_t missing() const { return distinct - cached; }
};

struct Summary {
  std::size_t cells = 0, finished = 0;
  std::vector<StageSum> stages;  // in the order in which jobs go through them
  std::uint64_t memory_bytes = 0;
};

Summary summary_of(std::span<const JobPlan> plans) {
  Summary summary;
  summary.cells = plans.size();
  // As a job goes through them, whichever the first job happens to need.
  for (const char* stage :
       {"detector_fit", "anomaly_maps", "score_scale", "original_metrics", "image_features", "results"}) {
    summary.stages.push_back({stage, 0, 0, 0, 0});
  }
  std::set<std::string> seen;
  for (const JobPlan& plan : plans) {
    summary.finished += plan.is_result_cached ? 1 : 0;
    for (const PlannedStage& stage : plan.stages) {
      if (!seen.insert(stage.stage + stage.hash).second) continue;
      auto sum = std::find_if(summary.stages.begin(), summary.stages.end(),
                              [&](const StageSum& known) { return known.stage == stage.stage; });
      if (sum == summary.stages.end()) sum = summary.stages.insert(sum, {stage.stage, 0, 0, 0, 0});
      ++sum->distinct;
      if (stage.is_cached) {
        ++sum->cached;
        continue;
      }
      summary.memory_bytes = std::max(summary.memory_bytes, stage.memory_bytes);
      if (stage.seconds) {
        sum->seconds += *stage.seconds;
      } else {
        ++sum->unknown;
      }
    }
  }
  std::erase_if(summary.stages, [](const StageSum& sum) { return sum.distinct == 0; });
  return summary;
}

std::string time_text(const StageSum& sum) {
  if (sum.missing() == 0) return "-";
  if (sum.unknown == sum.missing()) return "unknown";
  return fmt::format("{}{}", sum.unknown > 0 ? "> " : "", core::duration_text(sum.seconds));
}

}  // namespace

std::string plan_text(std::span<const JobPlan> plans) {
  const Summary summary = summary_of(plans);
  std::size_t width = 5;
  for (const auto& sum : summary.stages) width = std::max(width, sum.stage.size());
  std::string text = fmt::format("{} cell{}, {} of them finished before\n\n", summary.cells,
                                 summary.cells == 1 ? "" : "s", summary.finished);
  text += fmt::format("{:<{}}  {:>8}  {:>7}  {:>7}  {:>8}\n", "stage", width, "distinct", "cached", "missing", "takes");
  std::size_t missing = 0, unknown = 0;
  double seconds = 0;
  for (const auto& sum : summary.stages) {
    text += fmt::format("{:<{}}  {:>8}  {:>7}  {:>7}  {:>8}\n", sum.stage, width, sum.distinct, sum.cached,
                        sum.missing(), time_text(sum));
    missing += sum.missing();
    unknown += sum.unknown;
    seconds += sum.seconds;
  }
  text += '\n';
  if (missing == 0) return text + "Nothing is left to compute.\n";
  if (unknown == missing) {
    text += "Time: unknown, for no stage of these kinds is in the cache yet.\n";
  } else {
    text += fmt::format(
        "Time: {}{}, by what stages of the same kinds took before{}; one worker, nothing shared between "
        "machines.\n",
        unknown > 0 ? "more than " : "about ", core::duration_text(seconds),
        unknown > 0 ? fmt::format(" ({} of {} missing stages)", missing - unknown, missing) : "");
  }
  if (summary.memory_bytes > 0) {
    text += fmt::format("Memory: {:.2f} GiB for the dearest stage, beside the networks.\n",
                        static_cast<double>(summary.memory_bytes) / (1u << 30));
  }
  return text;
}

std::string plan_json(std::span<const JobPlan> plans) {
  const Summary summary = summary_of(plans);
  nlohmann::ordered_json json{{"cells", summary.cells}, {"finished", summary.finished}};
  double seconds = 0;
  std::size_t unknown = 0;
  json["stages"] = nlohmann::ordered_json::array();
  for (const auto& sum : summary.stages) {
    json["stages"].push_back({{"stage", sum.stage},
                              {"distinct", sum.distinct},
                              {"cached", sum.cached},
                              {"missing", sum.missing()},
                              {"seconds", sum.seconds},
                              {"unknown", sum.unknown}});
    seconds += sum.seconds;
    unknown += sum.unknown;
  }
  json["seconds"] = seconds;
  json["unknown"] = unknown;
  json["memory_bytes"] = summary.memory_bytes;
  return json.dump(2) + "\n";
}

}  // namespace normadd::experiment
