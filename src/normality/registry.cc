// SPDX-License-Identifier: Apache-2.0
#include "normality/registry.h"

#include <functional>
#include <map>

#include "core/error.h"
#include "core/nearest_name.h"
#include "normality/clip_normality_detector.h"

namespace normadd::normality {
namespace {

using Model = std::shared_ptr<const networks::Clip>;

struct Entry {
  std::function<std::unique_ptr<NormalityDetector>(const config::Value&, Model)> make;
  std::function<std::vector<config::Field>()> fields;
};

template <typename DetectorType, typename OptionsType>
Entry entry() {
  return {[](const config::Value& node, Model clip) -> std::unique_ptr<NormalityDetector> {
            return std::make_unique<DetectorType>(config::read_options<OptionsType>(node, "normality"),
                                                  std::move(clip));
          },
          [] { return config::fields_of<OptionsType>(); }};
}

const std::map<std::string, Entry>& entries() {
  static const std::map<std::string, Entry> table{
      {"clip_dense", entry<ClipNormalityDetector, ClipNormalityOptions>()},
  };
  return table;
}

const Entry& find(const std::string& name) {
  const auto found = entries().find(name);
  if (found == entries().end()) {
    throw core::ConfigError("unknown normality detector '" + name + "'", "normality.name",
                            core::did_you_mean(name, normality_detector_names()));
  }
  return found->second;
}

}  // namespace

std::vector<std::string> normality_detector_names() {
  std::vector<std::string> names;
  names.reserve(entries().size());
  for (const auto& [name, unused] : entries()) names.push_back(name);
  return names;
}

std::vector<config::Field> normality_detector_fields(const std::string& name) { return find(name).fields(); }

std::vector<std::string> keys_without_features(const std::string& name) {
  if (name != "clip_dense") return {};
  return {"temperature", "sup_blur_sigma_px", "sup_dilate_px", "map_px", "scaling", "truncate_texts"};
}

std::unique_ptr<NormalityDetector> make_normality_detector(const config::Value& node, Model clip) {
  const config::Value* name = node.find("name");
  return find(name != nullptr && name->is_string() ? name->as_string() : "").make(node, std::move(clip));
}

}  // namespace normadd::normality
