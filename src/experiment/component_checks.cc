// SPDX-License-Identifier: Apache-2.0
#include "experiment/component_checks.h"

#include "config/option_checks.h"
#include "core/error.h"
#include "detectors/registry.h"
#include "experiment/dataset_readers.h"
#include "normality/registry.h"

namespace normadd::experiment {
namespace {

template <typename FieldsOf>
void check_component(const config::Value& node, const std::string& path, const char* selector_key, FieldsOf fields_of) {
  const config::Value* selector = node.find(selector_key);
  if (selector == nullptr || !selector->is_string() || selector->is_missing()) {
    throw core::ConfigError(path + "." + selector_key + " must be a name", config::source_text(node.source),
                            "Choose one, e.g. " + path + "=NAME.");
  }
  auto fields = fields_of(selector->as_string());
  bool declares_selector = false;
  for (const auto& field : fields) declares_selector = declares_selector || field.name == selector_key;
  if (!declares_selector) {
    config::Field field;
    field.name = selector_key;
    fields.push_back(std::move(field));
  }
  config::check_node(node, fields, path);
}

}  // namespace

void check_components(const Job& job) {
  check_component(job.dataset, "dataset", "reader", dataset_fields);
  for (const auto& detector : job.detectors) {
    check_component(detector.node, detector.key, "name", detectors::detector_fields);
  }
  check_component(job.normality, "normality", "name", normality::normality_detector_fields);
}

}  // namespace normadd::experiment
