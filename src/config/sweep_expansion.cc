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

/// All values of one override, as overrides of their own.
struct Dimension {
  std::string key;  // with prefix and package: "+detector@detectors.padim"
  std::vector<std::string> overrides;
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

Dimension dimension_of(const std::string& text, const ConfigFiles& files) {
  const Override override = parse_override(text);
  Dimension dimension{key_element(override), {}, false};
  if (!override.is_sweep()) {
    dimension.overrides.push_back(text);
    return dimension;
  }
  const auto evaluated = evaluate(override, [&] { return files.options(override.key); });
  if (evaluated.is_sweep) refuse_meta_sweeps(override);
  dimension.is_sweep = evaluated.is_sweep;
  for (const auto& value : evaluated.values) {
    dimension.overrides.push_back(fmt::format("{}={}", dimension.key, override_text(value)));
  }
  return dimension;
}

/// A key that is given again keeps its place and takes the later values.
void put(std::vector<Dimension>& dimensions, Dimension dimension) {
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
    if (!dimension.is_sweep) overrides.push_back(dimension.overrides.front());
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

std::vector<SweptOverrides> expand_sweep(const ComposeRequest& request) {
  ConfigFiles files(request.search_paths);
  HydraSettings typed;
  std::vector<Dimension> typed_dimensions = dimensions_of(request.overrides, files, typed);
  // The configuration's own sweep: as it stands with everything that is the same for all jobs.
  const ComposedConfig base = compose(files, request.config_name, unswept(typed_dimensions));
  std::vector<Dimension> dimensions;
  for (const HydraSettings* settings : {&base.hydra, static_cast<const HydraSettings*>(&typed)}) {
    for (const auto& [key, values] : settings->sweep_parameters) {
      put(dimensions, dimension_of(fmt::format("{}={}", key, values), files));
    }
  }
  for (auto& dimension : typed_dimensions) put(dimensions, std::move(dimension));

  std::size_t num_jobs = 1;
  constexpr std::size_t kMostJobs = 1000000;
  for (const auto& dimension : dimensions) {
    num_jobs *= dimension.overrides.size();
    if (num_jobs > kMostJobs) {
      throw core::ConfigError("the sweep has more than a million jobs", dimension.key, "Sweep over fewer values.");
    }
  }
  std::vector<SweptOverrides> jobs(num_jobs);
  for (std::size_t job = 0; job < num_jobs; ++job) {
    std::size_t rest = job, weight = num_jobs;
    for (const auto& dimension : dimensions) {
      weight /= dimension.overrides.size();
      const std::string& chosen = dimension.overrides[rest / weight];
      rest %= weight;
      jobs[job].all.push_back(chosen);
      if (dimension.is_sweep) jobs[job].chosen.push_back(chosen);
    }
  }
  return jobs;
}

bool asks_for_multirun(const ComposeRequest& request) {
  ConfigFiles files(request.search_paths);
  HydraSettings typed;
  const auto dimensions = dimensions_of(request.overrides, files, typed);
  return typed.is_multirun || compose(files, request.config_name, unswept(dimensions)).hydra.is_multirun;
}

}  // namespace normadd::config
