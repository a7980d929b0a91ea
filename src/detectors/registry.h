// SPDX-License-Identifier: Apache-2.0
// Detectors by name: the one place to add a line when a new one is written.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/options.h"
#include "detectors/detector.h"
#include "detectors/resources.h"

namespace normadd::detectors {

std::vector<std::string> detector_names();

/// The options of a detector. Throws ConfigError for an unknown name (nearest valid one).
std::vector<config::Field> detector_fields(const std::string& name);

/// node: a detector's section of the configuration, with its name; key: where it stands there, for messages. Throws
/// ConfigError for unknown names and options, and what the resources throw.
std::unique_ptr<Detector> make_detector(const config::Value& node, const Resources& resources,
                                        const std::string& key = "detector");

}  // namespace normadd::detectors
