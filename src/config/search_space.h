// SPDX-License-Identifier: Apache-2.0
// What a search may choose from, as overrides write it: interval(0,1) a float, int(interval(1,10)) an integer,
// tag(log, interval(1e-4,1)) on a logarithmic scale, range(...) steps, a,b or choice(a,b) one of several.
// Source: hydra-optuna-sweeper, create_optuna_distribution_from_override. Differs: the end of a range is never chosen,
// as nowhere else in the grammar.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config_files.h"
#include "config/value.h"
#include "core/random.h"

namespace normadd::config {

struct SearchDimension {
  enum class Kind { kFloat, kInteger, kChoice };

  std::string key;  // with prefix and package, as before '='
  Kind kind = Kind::kFloat;
  double low = 0, high = 0;    // inclusive
  std::optional<double> step;  // of ranges
  bool is_logarithmic = false;
  std::vector<Value> choices;

  /// The override that chooses this value.
  std::string override_with(const Value& value) const;
};

struct SearchSpace {
  std::vector<SearchDimension> dimensions;
  std::vector<std::string> fixed;  // overrides that choose nothing
};

/// Of a command line and the configuration's own sweep, whose keys the command line overrules. Throws ConfigError as
/// expand_sweep does, and for intervals that are empty, or not positive on a logarithmic scale.
SearchSpace search_space(const std::vector<std::string>& overrides, const ConfigFiles& files);

/// One value, uniform on the dimension's scale.
Value draw(const SearchDimension& dimension, core::RandomStream& random);

/// As optuna.distributions writes it; choices are their override texts.
std::string optuna_distributions(const SearchSpace& space);

}  // namespace normadd::config
