// SPDX-License-Identifier: Apache-2.0
#include "reporting/means.h"

#include <cmath>
#include <map>
#include <set>

namespace normadd::reporting {
namespace {

struct Mean {
  double sum = 0;
  std::size_t count = 0;

  void add(double value) {
    if (std::isnan(value)) return;
    sum += value;
    ++count;
  }
  double value() const {
    return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
  }
};

}  // namespace

double pair_mean(const std::vector<CategoryNumbers>& pairs, const std::string& metric) {
  Mean mean;
  for (const auto& pair : pairs) mean.add(pair.value(metric));
  return mean.value();
}

double category_mean(const std::vector<CategoryNumbers>& pairs, const std::string& metric) {
  std::map<std::string, Mean> by_category;
  for (const auto& pair : pairs) by_category[pair.category].add(pair.value(metric));
  Mean mean;
  for (const auto& [category, one] : by_category) mean.add(one.value());
  return mean.value();
}

SeedSpread seed_spread(const std::vector<double>& values) {
  Mean mean;
  for (const double value : values) mean.add(value);
  SeedSpread spread{mean.value()};
  if (mean.count < 2) return spread;
  double squares = 0;
  for (const double value : values) {
    if (!std::isnan(value)) squares += (value - spread.mean) * (value - spread.mean);
  }
  spread.deviation = std::sqrt(squares / static_cast<double>(mean.count - 1));
  return spread;
}

std::size_t num_categories(const std::vector<CategoryNumbers>& pairs) {
  std::set<std::string> names;
  for (const auto& pair : pairs) names.insert(pair.category);
  return names.size();
}

}  // namespace normadd::reporting
