// SPDX-License-Identifier: Apache-2.0
#include "config/sweep_expansion.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/compose_with_files.h"
#include "config/override_functions.h"
#include "config/override_grammar.h"
#include "config/override_text.h"
#include "core/error.h"

namespace normadd::config {
namespace {

/// One override and, where it is plain, what it says to every job.
struct Dimension {
  std::string key;   // with prefix and package: "+detector@detectors.padim"
  std::string text;  // as written
  bool is_sweep = false;
};

/// "+a.b@c": all that stands before the value.
std::string key_element(const Override& override) {
  return override.elements.empty() ? override.text : override.text.substr(0, override.text.find('='));
}

/// A job can neither choose where it runs nor how jobs are chosen.
void refuse_meta_sweeps(const Override& override) {
  const std::string first = override.key.substr(0, override.key.find_first_of("./"));
  for (const char* fixed : {"launcher", "sweeper", "sweep", "hydra"}) {
    if (first != fixed) continue;
    throw core::ConfigError(fmt::format("'{}' is the same for all jobs of a sweep", override.key), override.text,
                            "Give it one value.");
  }
}

bool has_interval(const Element& element) {
  if (element.is_value()) return false;
  const FunctionCall& call = element.function();
  return call.name == "interval" || std::any_of(call.arguments.begin(), call.arguments.end(),
                                                [](const auto& argument) { return has_interval(argument.element); });
}

Dimension dimension_of(const std::string& text, const ConfigFiles& files) {
  const Override override = parse_override(text);
  Dimension dimension{key_element(override), text, false};
  if (!override.is_sweep()) return dimension;
  // An interval has no list of values, but is one for searches.
  const bool is_interval = std::any_of(override.elements.begin(), override.elements.end(), has_interval);
  dimension.is_sweep = is_interval || evaluate(override, [&] { return files.options(override.key); }).is_sweep;
  if (dimension.is_sweep) refuse_meta_sweeps(override);
  return dimension;
}

std::vector<std::string> values_of(const Dimension& dimension, const ConfigFiles& files) {
  const Override override = parse_override(dimension.text);
  if (!override.is_sweep()) return {dimension.text};
  std::vector<std::string> overrides;
  for (const auto& value : evaluate(override, [&] { return files.options(override.key); }).values) {
    overrides.push_back(fmt::format("{}={}", dimension.key, override_text(value)));
  }
  return overrides;
}

/// A key that is given again keeps its place and takes the later values. "a.list+=x" adds to what came before it.
void put(std::vector<Dimension>& dimensions, Dimension dimension) {
  if (dimension.key.ends_with('+')) {
    dimensions.push_back(std::move(dimension));
    return;
  }
  const auto known = std::find_if(dimensions.begin(), dimensions.end(),
                                  [&](const Dimension& one) { return one.key == dimension.key; });
  if (known != dimensions.end()) {
    *known = std::move(dimension);
  } else {
    dimensions.push_back(std::move(dimension));
  }
}

std::vector<Dimension> dimensions_of(const std::vector<std::string>& overrides, const ConfigFiles& files,
                                     HydraSettings& typed) {
  std::vector<Dimension> dimensions;
  for (const auto& text : without_hydra_names(overrides, typed)) dimensions.push_back(dimension_of(text, files));
  return dimensions;
}

/// The overrides that are the same for all jobs.
std::vector<std::string> unswept(const std::vector<Dimension>& dimensions) {
  std::vector<std::string> overrides;
  for (const auto& dimension : dimensions) {
    if (!dimension.is_sweep) overrides.push_back(dimension.text);
  }
  return overrides;
}

}  // namespace

struct Composer::State {
  explicit State(std::vector<std::filesystem::path> paths) : files(std::move(paths)) {}
  ConfigFiles files;
};

Composer::Composer(std::vector<std::filesystem::path> search_paths)
    : state_(std::make_unique<State>(std::move(search_paths))) {}
Composer::~Composer() = default;

ComposedConfig Composer::compose(const std::string& config_name, const std::vector<std::string>& overrides) {
  return config::compose(state_->files, config_name, overrides);
}

namespace {

struct OpenSweep {
  ConfigFiles files;
  ComposedConfig base;
  std::vector<Dimension> dimensions;
};

OpenSweep open_sweep(const ComposeRequest& request) {
  OpenSweep sweep{ConfigFiles(request.search_paths), {}, {}};
  HydraSettings typed;
  std::vector<Dimension> typed_dimensions = dimensions_of(request.overrides, sweep.files, typed);
  // The configuration's own sweep: as it stands with everything that is the same for all jobs.
  sweep.base = compose(sweep.files, request.config_name, unswept(typed_dimensions));
  sweep.base.hydra.is_multirun |= typed.is_multirun;
  for (const HydraSettings* settings : {&std::as_const(sweep.base.hydra), &std::as_const(typed)}) {
    for (const auto& [key, values] : settings->sweep_parameters) {
      put(sweep.dimensions, dimension_of(fmt::format("{}={}", key, values), sweep.files));
    }
  }
  for (auto& dimension : typed_dimensions) put(sweep.dimensions, std::move(dimension));
  return sweep;
}

}  // namespace

std::vector<SweptOverrides> expand_sweep(const ComposeRequest& request) {
  const OpenSweep sweep = open_sweep(request);
  std::vector<std::vector<std::string>> values;
  std::size_t num_jobs = 1;
  constexpr std::size_t kMostJobs = 1000000;
  for (const auto& dimension : sweep.dimensions) {
    values.push_back(values_of(dimension, sweep.files));
    num_jobs *= values.back().size();
    if (num_jobs > kMostJobs) {
      throw core::ConfigError("the sweep has more than a million jobs", dimension.key, "Sweep over fewer values.");
    }
  }
  std::vector<SweptOverrides> jobs(num_jobs);
  for (std::size_t job = 0; job < num_jobs; ++job) {
    std::size_t rest = job, weight = num_jobs;
    for (std::size_t d = 0; d < values.size(); ++d) {
      weight /= values[d].size();
      const std::string& chosen = values[d][rest / weight];
      rest %= weight;
      jobs[job].all.push_back(chosen);
      if (sweep.dimensions[d].is_sweep) jobs[job].chosen.push_back(chosen);
    }
  }
  return jobs;
}

SweepBase sweep_base(const ComposeRequest& request) {
  OpenSweep sweep = open_sweep(request);
  SweepBase base{std::move(sweep.base), {}};
  for (const auto& dimension : sweep.dimensions) base.overrides.push_back(dimension.text);
  return base;
}

bool asks_for_multirun(const ComposeRequest& request) { return sweep_base(request).composed.hydra.is_multirun; }

}  // namespace normadd::config
