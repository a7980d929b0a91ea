// SPDX-License-Identifier: Apache-2.0
#include "metrics/aupro_options.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "core/error.h"
#include "core/nearest_name.h"
#include "core/number_text.h"

namespace normadd::metrics {
namespace {

constexpr std::pair<const char*, AuproVariant> kVariants[] = {{"exact", AuproVariant::kExact},
                                                              {"official", AuproVariant::kOfficial},
                                                              {"cflow", AuproVariant::kCflow},
                                                              {"anomalib", AuproVariant::kAnomalib},
                                                              {"none", AuproVariant::kNone}};

std::string variant_name(AuproVariant variant) {
  for (const auto& [name, value] : kVariants) {
    if (value == variant) return name;
  }
  return {};
}

}  // namespace

std::vector<std::string> aupro_variant_names() {
  std::vector<std::string> names;
  for (const auto& [name, unused] : kVariants) names.emplace_back(name);
  return names;
}

AuproVariant parse_aupro_variant(const std::string& name) {
  for (const auto& [known, variant] : kVariants) {
    if (name == known) return variant;
  }
  throw core::ConfigError(fmt::format("unknown definition of AUPRO '{}'", name), "metrics.aupro",
                          core::did_you_mean(name, aupro_variant_names()));
}

std::string aupro_name(const AuproOptions& options) {
  std::string name = "aupro";
  if (options.variant != AuproVariant::kExact) name += "_" + variant_name(options.variant);
  if (options.limit != AuproOptions{}.limit) name += "_" + core::shortest_text(options.limit);
  return name;
}

std::optional<AuproOptions> parse_aupro_name(const std::string& name) {
  AuproOptions options;
  const std::string prefix = "aupro";
  if (!name.starts_with(prefix)) return std::nullopt;
  std::string rest = name.substr(prefix.size());
  for (const auto& [known, variant] : kVariants) {
    const std::string part = fmt::format("_{}", known);
    if (variant == AuproVariant::kExact || !rest.starts_with(part)) continue;
    options.variant = variant;
    rest.erase(0, part.size());
    break;
  }
  if (!rest.empty()) {
    const char* last = rest.data() + rest.size();
    const auto [end, error] = std::from_chars(rest.data() + 1, last, options.limit);
    if (rest.front() != '_' || error != std::errc() || end != last) return std::nullopt;
  }
  return options;
}

std::string aupro_heading(const AuproOptions& options) {
  return fmt::format("AUPRO@{:g}% ({})", 100.0 * options.limit, variant_name(options.variant));
}

}  // namespace normadd::metrics
