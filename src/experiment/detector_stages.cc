// SPDX-License-Identifier: Apache-2.0
#include "experiment/detector_stages.h"

#include <fmt/format.h>

#include <cstdlib>

#include "core/atomic_file.h"
#include "core/log.h"
#include "core/number_text.h"
#include "experiment/cached_value.h"
#include "experiment/stage_files.h"

namespace normadd::experiment {

DetectorStages::DetectorStages(const PreparedJob& job, std::size_t detector, std::size_t category, Session& session)
    : job_(job),
      named_(job.job->detectors[detector]),
      opened_(*job.detectors[detector]),
      category_(category),
      session_(session),
      keys_(detector_keys(*job.job, named_, category, session)) {
  if (keys_.saved_file) check_origin(this->category(), *keys_.saved_file);
}

detectors::Detector& DetectorStages::fitted() {
  detectors::Detector& detector = *opened_.detector;
  if (opened_.fitted == keys_.fit_hash) return detector;
  opened_.fitted.clear();
  if (keys_.saved_file) {
    core::log_info(fmt::format("{}: loading {} from {}", category().name, named_.label, keys_.saved_file->string()));
    detector.load(*keys_.saved_file);
  } else {
    const auto file = [](const std::filesystem::path& folder) { return folder / "detector.safetensors"; };
    bool is_fitted = false;
    const auto fit = [&] {
      fit_detector(category(), *job_.job, named_.label, detector);
      is_fitted = true;
    };
    if (session_.cache().options().root.empty()) {
      fit();
    } else {
      session_.cache().obtain(
          keys_.fit,
          [&](const std::filesystem::path& folder) {
            fit();
            save_detector(category(), detector, file(folder));
          },
          [&](const std::filesystem::path& folder) {
            if (!is_fitted) detector.load(file(folder));
          });
    }
  }
  opened_.fitted = keys_.fit_hash;
  return detector;
}

TestedImages& DetectorStages::tested() {
  if (tested_) return *tested_;
  tested_ = tested_images(cached_value<std::vector<detectors::Prediction>>(
      session_.cache(), keys_.maps, "maps.safetensors",
      [&] { return predict_test_images(category(), *job_.job, fitted()); },
      [](const auto& file, const auto& predictions) { write_predictions(file, predictions); }, read_predictions));
  return *tested_;
}

std::shared_ptr<const OriginalResults> DetectorStages::original_results(const Job& job) {
  constexpr const char* kCurves = "curves.csv";
  const auto key = original_metrics_key(job, keys_, category_, session_);
  auto& results = originals_[key.hash()];
  if (results) return results;
  warn_of_missing_masks(category(), job.metrics);
  results = std::make_shared<const OriginalResults>(cached_value<OriginalResults>(
      session_.cache(), key, "metrics.csv",
      [&] { return experiment::original_results(category(), tested(), job.metrics); },
      [&](const auto& file, const auto& value) {
        core::write_csv(file, value.metrics);
        core::write_csv(file.parent_path() / kCurves, value.curves);
      },
      [&](const auto& file) {
        return OriginalResults{core::read_csv(file), core::read_csv(file.parent_path() / kCurves)};
      }));
  return results;
}

double DetectorStages::scale() {
  if (scale_) return *scale_;
  scale_ = cached_value<double>(
      session_.cache(), keys_.scale, "scale.txt", [&] { return score_scale(category(), *job_.job, fitted()); },
      [](const auto& file, double value) { core::write_file_atomically(file, core::shortest_text(value) + "\n"); },
      [](const auto& file) { return std::strtod(core::read_file(file).c_str(), nullptr); });
  return *scale_;
}

}  // namespace normadd::experiment
