// SPDX-License-Identifier: Apache-2.0
#include "experiment/configuration_sections.h"

#include <fmt/format.h>

#include "detectors/registry.h"
#include "experiment/dataset_readers.h"
#include "experiment/job.h"
#include "normality/registry.h"

namespace normadd::experiment {

std::vector<ConfigurationSection> configuration_sections() {
  std::vector<ConfigurationSection> sections;
  sections.push_back({"The whole run", "", "", "", config::fields_of<JobOptions>()});
  sections.push_back({"Its folder and how it goes", "run", "", "", config::fields_of<RunOptions>()});
  for (const auto& reader : dataset_reader_names()) {
    sections.push_back(
        {fmt::format("Dataset, reader {}", reader), "dataset", "reader", reader, dataset_fields(reader)});
  }
  sections.push_back({"Network of the detector", "backbone", "", "", config::fields_of<BackboneOptions>()});
  for (const auto& name : detectors::detector_names()) {
    sections.push_back({fmt::format("Detector {}", name), "detector", "name", name, detectors::detector_fields(name)});
  }
  sections.push_back({"Vision-language model", "clip", "", "", config::fields_of<ClipOptions>()});
  for (const auto& name : normality::normality_detector_names()) {
    sections.push_back({fmt::format("Normality detector {}", name), "normality", "name", name,
                        normality::normality_detector_fields(name)});
  }
  sections.push_back({"Texts", "prompts", "", "", config::fields_of<PromptsOptions>()});
  sections.push_back({"Fusion", "fusion", "", "", config::fields_of<normality::FusionOptions>()});
  sections.push_back({"Metrics", "metrics", "", "", config::fields_of<MetricsOptions>()});
  sections.push_back({"Shared stages", "cache", "", "", config::fields_of<CacheOptions>()});
  return sections;
}

}  // namespace normadd::experiment
