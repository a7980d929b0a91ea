// SPDX-License-Identifier: Apache-2.0
#include "detectors/saved_format.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "detectors/saved_identity.h"

namespace normadd::detectors {
namespace {

constexpr const char* kSettings = "normadd.detector";
constexpr const char* kFormat = "normadd.format";

/// Empty when the settings do not say.
std::string name_in(const nlohmann::ordered_json& settings) {
  if (!settings.is_object()) return "";
  const auto detector = settings.find("detector");
  if (detector == settings.end() || !detector->is_object()) return "";
  return detector->value("name", nlohmann::ordered_json()).is_string() ? detector->at("name").get<std::string>() : "";
}

}  // namespace

std::string settings_text(const nlohmann::ordered_json& settings) {
  return settings.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Detector::Notes saved_header(const Detector::Notes& notes, const nlohmann::ordered_json& settings, int format) {
  Detector::Notes header = notes;
  header[kSettings] = settings_text(settings);
  header[kFormat] = std::to_string(format);
  return header;
}

void require_saved(const networks::SafetensorsFile& file, const nlohmann::ordered_json& settings, int format) {
  const auto text = [&](const char* key) {
    const auto found = file.metadata().find(key);
    return found == file.metadata().end() ? std::string() : found->second;
  };
  const std::string path = file.path().string(), saved = text(kSettings), ours = name_in(settings);
  if (saved.empty()) {
    throw core::WeightsError("the file is not a saved detector", path, "Make one with run.save_detectors=true.");
  }
  const std::string theirs = name_in(nlohmann::ordered_json::parse(saved, nullptr, /*allow_exceptions=*/false));
  if (!theirs.empty() && theirs != ours) {
    throw core::WeightsError(fmt::format("the file holds a detector '{}', not '{}'", theirs, ours), path,
                             fmt::format("Set detector={}, or name another file.", theirs));
  }
  const std::string number = text(kFormat);
  if (number != std::to_string(format)) {
    throw core::WeightsError(
        fmt::format("the saved detector is of {}, this version of the program reads format {}",
                    number.empty() ? "an early format without a number" : fmt::format("format '{}'", number), format),
        path, "Use the version that saved it, or fit the detector again.");
  }
  require_same_identity(saved, settings, file.path());
}

}  // namespace normadd::detectors
