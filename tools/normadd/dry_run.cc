// SPDX-License-Identifier: Apache-2.0
#include "normadd/dry_run.h"

#include <fmt/format.h>

#include <memory>

#include "core/error.h"
#include "experiment/job.h"
#include "experiment/plan_report.h"
#include "experiment/session.h"
#include "experiment/stage_plan.h"
#include "normadd/installation.h"
#include "sweeps/sweep_options.h"

namespace normadd::tools {

int dry_run(const config::ComposeRequest& request, const std::vector<config::SweptOverrides>& jobs, bool as_json) {
  config::Composer composer(request.search_paths);
  std::unique_ptr<experiment::Session> session;
  std::vector<experiment::JobPlan> plans;
  plans.reserve(jobs.size());
  for (const auto& overrides : jobs) {
    try {
      const auto job = experiment::make_job(composer.compose(request.config_name, overrides.all));
      sweeps::check_sweep_nodes(job.resolved);
      if (!session) session = std::make_unique<experiment::Session>(installation(), job.cache);
      plans.push_back(experiment::plan_job(job, *session));
    } catch (const core::ConfigError& error) {
      if (jobs.size() == 1) throw;
      throw core::ConfigError(fmt::format("job {}: {}", plans.size(), error.message()), error.where(), error.hint());
    }
  }
  fmt::print("{}", as_json ? experiment::plan_json(plans) : experiment::plan_text(plans));
  return 0;
}

}  // namespace normadd::tools
