// SPDX-License-Identifier: Apache-2.0
#include "experiment/evaluation_plan.h"

#include <map>

namespace normadd::experiment {
namespace {

using normality::Control;

class Planner {
 public:
  Planner(const datasets::Category& category, const std::vector<normality::PromptSet>& prompt_sets,
          const std::string& fusion_name)
      : category_(category), prompt_sets_(prompt_sets), fusion_name_(fusion_name) {}

  void add(const datasets::Pair& pair, const std::vector<std::string>& controls) {
    PlannedPair planned{pair, {}};
    for (const auto& set : prompt_sets_) {
      planned.cells.push_back({set.name, fusion_name_, Control::kNone, false, text(set, pair.added, category_.name)});
    }
    for (const auto& name : controls) add_control(pair, name, planned);
    plan_.pairs.push_back(std::move(planned));
  }

  EvaluationPlan take() { return std::move(plan_); }

 private:
  void add_control(const datasets::Pair& pair, const std::string& name, PlannedPair& planned) {
    const Control control = normality::parse_control(name);
    if (!normality::depends_on_prompts(control)) {
      planned.cells.push_back({"", name, control, true, 0});
      return;
    }
    const bool other_type = control == Control::kShuffledPrompts, other_noun = control == Control::kWrongObject;
    const std::string type = other_type ? normality::stand_in_type(category_.defect_types, pair.added) : pair.added;
    const std::string noun = other_noun ? normality::stand_in_noun(category_.name) : category_.name;
    for (const auto& set : prompt_sets_)
      planned.cells.push_back({set.name, name, control, true, text(set, type, noun)});
  }

  /// Equal texts are encoded and compared once, whichever cells use them.
  std::size_t text(const normality::PromptSet& set, const std::string& type, const std::string& noun) {
    auto pair = normality::texts_for(set, category_.name, type, noun);
    const auto [found, added] = indices_.emplace(pair.key, plan_.texts.size());
    if (added) plan_.texts.push_back(std::move(pair));
    return found->second;
  }

  const datasets::Category& category_;
  const std::vector<normality::PromptSet>& prompt_sets_;
  const std::string& fusion_name_;
  std::map<std::string, std::size_t> indices_;
  EvaluationPlan plan_;
};

}  // namespace

EvaluationPlan plan_evaluation(const datasets::Category& category, const std::vector<normality::PromptSet>& prompt_sets,
                               const std::vector<std::string>& controls, const std::string& fusion_name) {
  Planner planner(category, prompt_sets, fusion_name);
  for (const auto& pair : datasets::pairs_of(category)) planner.add(pair, controls);
  return planner.take();
}

}  // namespace normadd::experiment
