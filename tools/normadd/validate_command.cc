// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/compose.h"
#include "experiment/component_checks.h"
#include "experiment/job.h"
#include "normadd/commands.h"
#include "normadd/run_flags.h"
#include "sweeps/sweep_options.h"
#include "sweeps/sweeper_options.h"

namespace normadd::tools {

int validate_command(const Arguments& arguments) {
  cxxopts::Options options(
      "normadd validate",
      "Composes a configuration, resolves it and checks every key and value, as a run does before "
      "it starts.\nReads no data and no weights. Exit code 2 and a sentence when something is wrong.");
  options.custom_help("[flags]");
  options.add_options()("h,help", "this text");
  add_composition_flags(options);
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const auto job = experiment::make_job(config::compose(composition(flags)));
  experiment::check_components(job);
  sweeps::check_sweep_nodes(job.resolved);
  sweeps::sweeper_options(job.resolved);
  std::vector<std::string> labels;
  for (const auto& detector : job.detectors) labels.push_back(detector.label);
  const auto* dataset = job.dataset.find("name");
  fmt::print("OK: job {}, {} on {}, fusion {}, prompt sets {}\n", job.id, fmt::join(labels, " and "),
             dataset != nullptr && dataset->is_string() ? dataset->as_string() : "its dataset", job.fusion_name,
             fmt::join(job.prompts.sets, ", "));
  return 0;
}

}  // namespace normadd::tools
