// SPDX-License-Identifier: Apache-2.0
#include "experiment/key_reference.h"

#include <fmt/format.h>

#include "detectors/registry.h"
#include "experiment/dataset_readers.h"
#include "experiment/job.h"
#include "normality/registry.h"

namespace normadd::experiment {
namespace {

void add_part(std::string& text, const std::string& title, const std::string& node,
              const std::vector<config::Field>& fields) {
  text += fmt::format("{}{}\n", text.empty() ? "" : "\n", title);
  for (const auto& field : fields) {
    const std::string key = node.empty() ? field.name : node + "." + field.name;
    const std::string allowed = config::allowed_text(field);
    text += fmt::format("  {:<28} {}{}\n", key, field.help, allowed.empty() ? "" : fmt::format(" [{}]", allowed));
  }
}

}  // namespace

std::string key_reference() {
  std::string text;
  add_part(text, "The whole run", "", config::fields_of<JobOptions>());
  add_part(text, "Its folder and how it goes", "run", config::fields_of<RunOptions>());
  for (const auto& reader : dataset_reader_names()) {
    add_part(text, fmt::format("Dataset, reader {}", reader), "dataset", dataset_fields(reader));
  }
  add_part(text, "Network of the detector", "backbone", config::fields_of<BackboneOptions>());
  for (const auto& name : detectors::detector_names()) {
    add_part(text, fmt::format("Detector {}", name), "detector", detectors::detector_fields(name));
  }
  add_part(text, "Vision-language model", "clip", config::fields_of<ClipOptions>());
  for (const auto& name : normality::normality_detector_names()) {
    add_part(text, fmt::format("Normality detector {}", name), "normality", normality::normality_detector_fields(name));
  }
  add_part(text, "Texts", "prompts", config::fields_of<PromptsOptions>());
  add_part(text, "Fusion", "fusion", config::fields_of<normality::FusionOptions>());
  add_part(text, "Metrics", "metrics", config::fields_of<MetricsOptions>());
  add_part(text, "Shared stages", "cache", config::fields_of<CacheOptions>());
  return text;
}

}  // namespace normadd::experiment
