// SPDX-License-Identifier: Apache-2.0
// The definitions of AUPRO that papers have used, and the names under which they are told apart.
// AUPRO: area under (false positive rate, mean over regions of the share found) up to a false positive rate.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace normadd::metrics {

enum class AuproVariant {
  kNone,      // not computed
  kExact,     // all distinct scores, as the evaluation code of MVTec AD
  kOfficial,  // 100 thresholds at evenly spaced ranks of the normal pixels, as the evaluation code of MVTec 3D-AD
  kCflow,     // 200 evenly spaced thresholds, false positive rate stretched to [0, 1] (cflow-ad, WinCLIP, APRIL-GAN)
  kAnomalib,  // anomalib up to 2.2: one curve per region, resampled and averaged, divided by the last rate
};

struct AuproOptions {
  AuproVariant variant = AuproVariant::kExact;
  double limit = 0.3;  // largest false positive rate, in (0, 1]
  bool operator==(const AuproOptions&) const = default;
};

/// "exact", "official", "cflow", "anomalib", "none".
std::vector<std::string> aupro_variant_names();
/// Throws ConfigError with the nearest name.
AuproVariant parse_aupro_variant(const std::string& name);

/// As metrics are called in files: "aupro" for the exact one up to 0.3, else with what differs: "aupro_official",
/// "aupro_0.05", "aupro_cflow_0.05". So no two definitions share a name.
std::string aupro_name(const AuproOptions& options);
/// The reverse; nothing for other names.
std::optional<AuproOptions> parse_aupro_name(const std::string& name);

/// For people: "AUPRO@30% (exact)".
std::string aupro_heading(const AuproOptions& options);

}  // namespace normadd::metrics
