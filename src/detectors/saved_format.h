// SPDX-License-Identifier: Apache-2.0
// The header of a saved detector: which detector, in which format, with which settings; and its check at loading.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "detectors/detector.h"
#include "networks/safetensors.h"

namespace normadd::detectors {

/// The settings as text; what a path has that is no UTF-8 is replaced.
std::string settings_text(const nlohmann::ordered_json& settings);

/// Metadata of a file: notes, settings (what Detector::settings() says, with the name at "detector.name") and the
/// number of the detector's own file format, which is raised whenever files would be read in another sense.
Detector::Notes saved_header(const Detector::Notes& notes, const nlohmann::ordered_json& settings, int format);

/// Throws WeightsError for a file that holds no detector, another detector, another format or other settings: one
/// sentence that names them.
void require_saved(const networks::SafetensorsFile& file, const nlohmann::ordered_json& settings, int format);

}  // namespace normadd::detectors
