// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "config/compose.h"
#include "core/error.h"
#include "core/log.h"
#include "core/progress.h"
#include "experiment/job.h"
#include "experiment/runner.h"
#include "normadd/commands.h"
#include "normadd/installation.h"
#include "normadd/run_flags.h"
#include "normadd/run_information.h"

namespace normadd::tools {

int run_command(const Arguments& arguments) {
  auto options = run_options();
  const auto flags = parse_flags(options, with_info_value(arguments));
  if (answer(options, flags)) return 0;
  if (flags.count("multirun") > 0) {
    throw core::ConfigError(
        "this version runs one job at a time; sweeps are not built yet", "--multirun",
        "Run the values one by one; prompt sets and controls already share one pass (prompts.sets=[a,b]).");
  }
  core::set_quiet(flags.count("quiet") > 0);
  if (flags.count("quiet") > 0) core::Progress::set_enabled(false);
  const auto job = experiment::make_job(config::compose(composition(flags)));
  const auto result = experiment::run_job(job, installation(), ::isatty(STDOUT_FILENO) != 0);
  fmt::print("{}\nRun folder: {}\n", result.text, result.folder.string());
  return 0;
}

}  // namespace normadd::tools
