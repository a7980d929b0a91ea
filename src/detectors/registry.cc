// SPDX-License-Identifier: Apache-2.0
#include "detectors/registry.h"

#include <functional>
#include <map>

#include "core/error.h"
#include "core/nearest_name.h"
#include "detectors/patchcore.h"

namespace normadd::detectors {
namespace {

using Extractor = std::shared_ptr<const networks::FeatureExtractor>;

struct Entry {
  std::function<std::unique_ptr<Detector>(const config::Value&, Extractor)> make;
  std::function<std::vector<config::Field>()> fields;
};

template <typename DetectorType, typename OptionsType>
Entry entry() {
  return {[](const config::Value& node, Extractor extractor) -> std::unique_ptr<Detector> {
            return std::make_unique<DetectorType>(config::read_options<OptionsType>(node, "detector"),
                                                  std::move(extractor));
          },
          [] { return config::fields_of<OptionsType>(); }};
}

const std::map<std::string, Entry>& entries() {
  static const std::map<std::string, Entry> table{
      {"patchcore", entry<PatchCore, PatchCoreOptions>()},
  };
  return table;
}

const Entry& find(const std::string& name) {
  const auto found = entries().find(name);
  if (found == entries().end()) {
    throw core::ConfigError("unknown detector '" + name + "'", "detector.name",
                            core::did_you_mean(name, detector_names()));
  }
  return found->second;
}

}  // namespace

std::vector<std::string> detector_names() {
  std::vector<std::string> names;
  names.reserve(entries().size());
  for (const auto& [name, unused] : entries()) names.push_back(name);
  return names;
}

std::vector<config::Field> detector_fields(const std::string& name) { return find(name).fields(); }

std::unique_ptr<Detector> make_detector(const config::Value& node, Extractor extractor) {
  const config::Value* name = node.find("name");
  return find(name != nullptr && name->is_string() ? name->as_string() : "").make(node, std::move(extractor));
}

}  // namespace normadd::detectors
