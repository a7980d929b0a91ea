// SPDX-License-Identifier: Apache-2.0
#include "reporting/methods.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "reporting/changed_keys.h"

namespace normadd::reporting {
namespace {

constexpr std::string_view kUsualOrder[] = {"carpet", "grid",  "leather",    "tile",       "wood",
                                            "bottle", "cable", "capsule",    "hazelnut",   "metal_nut",
                                            "pill",   "screw", "toothbrush", "transistor", "zipper"};

/// "backbone=wide_resnet50, fusion.lambda=0.5" for each run; the detector has a name of its own already.
std::vector<std::string> configuration_names(const RunListing& listing) {
  std::vector<std::vector<std::string>> parts(listing.runs.size());
  for (const auto& key : changed_keys(listing.runs)) {
    if (!key.follows.empty() || key.key == "detector") continue;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      parts[i].push_back(fmt::format("{}={}", key.key, key.values[i].empty() ? "-" : key.values[i]));
    }
  }
  std::vector<std::string> names;
  for (const auto& part : parts) names.push_back(fmt::format("{}", fmt::join(part, ", ")));
  return names;
}

/// Adds a seed to the method of these names, made when there is none.
void add_seed(std::vector<Method>& methods, Method found, const std::string& configuration,
              const std::vector<CategoryNumbers>& numbers) {
  found.name = found.detector;
  for (const std::string& part : {found.prompts, found.fusion, configuration}) {
    if (!part.empty()) found.name += ", " + part;
  }
  const auto known =
      std::find_if(methods.begin(), methods.end(), [&](const Method& method) { return method.name == found.name; });
  Method& method = known != methods.end() ? *known : methods.emplace_back(std::move(found));
  method.seeds.push_back(numbers);
}

}  // namespace

std::vector<Method> original_methods(const RunListing& listing, const std::vector<RunMetrics>& metrics,
                                     const std::string& detector) {
  const auto names = configuration_names(listing);
  std::vector<Method> methods;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    for (const auto& original : metrics[i].originals) {
      if (!detector.empty() && original.detector != detector) continue;
      add_seed(methods, Method{"", original.detector, "", "", false, {}}, names[i], original.categories);
    }
  }
  return methods;
}

std::vector<Method> pair_methods(const RunListing& listing, const std::vector<RunMetrics>& metrics,
                                 const std::string& detector, bool with_controls) {
  const auto names = configuration_names(listing);
  std::vector<Method> methods;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    for (const auto& cell : metrics[i].cells) {
      if (cell.is_control() && !with_controls) continue;
      if (!detector.empty() && cell.detector != detector) continue;
      add_seed(methods, Method{"", cell.detector, cell.prompts, cell.fusion, cell.is_control(), {}}, names[i],
               cell.pairs);
    }
  }
  return methods;
}

SeedSpread category_spread(const Method& method, const std::string& category, const std::string& metric) {
  std::vector<double> values;
  for (const auto& seed : method.seeds) {
    std::vector<CategoryNumbers> some;
    std::copy_if(seed.begin(), seed.end(), std::back_inserter(some),
                 [&](const CategoryNumbers& numbers) { return numbers.category == category; });
    values.push_back(pair_mean(some, metric));
  }
  return seed_spread(values);
}

SeedSpread macro_spread(const Method& method, const std::string& metric) {
  std::vector<double> values;
  for (const auto& seed : method.seeds) values.push_back(category_mean(seed, metric));
  return seed_spread(values);
}

std::vector<std::string> ordered_categories(const std::vector<Method>& methods) {
  std::vector<std::string> categories;
  for (const auto& method : methods) {
    for (const auto& seed : method.seeds) {
      for (const auto& numbers : seed) {
        const bool known = std::find(categories.begin(), categories.end(), numbers.category) != categories.end();
        if (!known) categories.push_back(numbers.category);
      }
    }
  }
  const auto place = [](const std::string& category) {
    return std::find(std::begin(kUsualOrder), std::end(kUsualOrder), category) - std::begin(kUsualOrder);
  };
  std::stable_sort(categories.begin(), categories.end(),
                   [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return categories;
}

std::size_t most_seeds(const std::vector<Method>& methods) {
  std::size_t most = 0;
  for (const auto& method : methods) most = std::max(most, method.seeds.size());
  return most;
}

void add_seed_note(Table& table, const std::vector<Method>& methods) {
  if (most_seeds(methods) > 1) {
    table.notes.emplace_back(
        "\u00b1: standard deviation over the seeds (n - 1); means over categories are taken first.");
  }
}

}  // namespace normadd::reporting
