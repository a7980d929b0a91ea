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
using Maker = std::function<std::unique_ptr<NormalityDetector>(const config::Value&, Model)>;

const std::map<std::string, Maker>& makers() {
  static const std::map<std::string, Maker> table{
      {"clip_dense",
       [](const config::Value& node, Model clip) -> std::unique_ptr<NormalityDetector> {
         return std::make_unique<ClipNormalityDetector>(config::read_options<ClipNormalityOptions>(node, "normality"),
                                                        std::move(clip));
       }},
  };
  return table;
}

}  // namespace

std::vector<std::string> normality_detector_names() {
  std::vector<std::string> names;
  for (const auto& [name, unused] : makers()) names.push_back(name);
  return names;
}

std::unique_ptr<NormalityDetector> make_normality_detector(const config::Value& node, Model clip) {
  const config::Value* value = node.find("name");
  const std::string name = value != nullptr && value->is_string() ? value->as_string() : "";
  const auto found = makers().find(name);
  if (found == makers().end()) {
    throw core::ConfigError("unknown normality detector '" + name + "'", "normality.name",
                            core::did_you_mean(name, normality_detector_names()));
  }
  return found->second(node, std::move(clip));
}

}  // namespace normadd::normality
