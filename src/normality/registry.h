// SPDX-License-Identifier: Apache-2.0
// Normality detectors by name: the one place to add a line when a new one is written.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/options.h"
#include "networks/clip.h"
#include "normality/normality_detector.h"

namespace normadd::normality {

std::vector<std::string> normality_detector_names();

/// The options of a normality detector. Throws ConfigError for an unknown name (nearest valid one).
std::vector<config::Field> normality_detector_fields(const std::string& name);

/// The options that NormalityDetector::features does not depend on: only what follows does.
std::vector<std::string> keys_without_features(const std::string& name);

/// node: the section "normality" of the configuration, with its name. Throws ConfigError for unknown names and options.
std::unique_ptr<NormalityDetector> make_normality_detector(const config::Value& node,
                                                           std::shared_ptr<const networks::Clip> clip);

}  // namespace normadd::normality
