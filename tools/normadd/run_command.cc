// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "config/compose.h"
#include "config/sweep_expansion.h"
#include "core/log.h"
#include "core/progress.h"
#include "experiment/job.h"
#include "experiment/runner.h"
#include "normadd/commands.h"
#include "normadd/dry_run.h"
#include "normadd/installation.h"
#include "normadd/multirun.h"
#include "normadd/run_flags.h"
#include "normadd/run_information.h"
#include "sweeps/sweep_options.h"

namespace normadd::tools {

int run_command(const Arguments& arguments) {
  auto options = run_options();
  const auto flags = parse_flags(options, with_info_value(arguments));
  if (answer(options, flags)) return 0;
  core::set_quiet(flags.count("quiet") > 0);
  if (flags.count("quiet") > 0) core::Progress::set_enabled(false);
  const config::ComposeRequest request = composition(flags);
  const bool is_dry = flags.count("dry-run") > 0;
  if (flags.count("multirun") > 0 || config::asks_for_multirun(request)) {
    if (is_dry) return dry_run(request, sweep_jobs(request), flags.count("json") > 0);
    return multirun(request, flags.count("new") > 0);
  }
  if (is_dry) return dry_run(request, {{request.overrides, {}}}, flags.count("json") > 0);
  const auto job = experiment::make_job(config::compose(request));
  sweeps::check_sweep_nodes(job.resolved);
  // Only the local launcher runs anything in this process.
  if (sweeps::launcher_node(job.resolved).find("name")->as_string() != "local") {
    return multirun(request, flags.count("new") > 0);
  }
  const auto result = experiment::run_job(job, installation(), ::isatty(STDOUT_FILENO) != 0);
  fmt::print("{0}\nRun folder: {1}\nTo look at it in a browser: normadd report {1}\n", result.text,
             result.folder.string());
  return 0;
}

}  // namespace normadd::tools
