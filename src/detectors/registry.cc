// SPDX-License-Identifier: Apache-2.0
#include "detectors/registry.h"

#include <fmt/format.h>

#include <functional>
#include <map>

#include "core/error.h"
#include "core/nearest_name.h"
#include "detectors/april_gan.h"
#include "detectors/ensemble.h"
#include "detectors/external.h"
#include "detectors/padim.h"
#include "detectors/patchcore.h"
#include "detectors/winclip.h"

namespace normadd::detectors {
namespace {

struct Entry {
  std::function<std::unique_ptr<Detector>(const config::Value&, const Resources&, const std::string& key)> make;
  std::function<std::vector<config::Field>()> fields;
};

/// For detectors on a backbone: made from options, which say what features they want, and an extractor.
template <typename DetectorType, typename OptionsType>
Entry backbone_entry() {
  return {[](const config::Value& node, const Resources& resources, const std::string& key) {
            const auto options = config::read_options<OptionsType>(node, key);
            auto extractor = resources.backbone(options.feature_request());
            return std::unique_ptr<Detector>(std::make_unique<DetectorType>(options, std::move(extractor)));
          },
          [] { return config::fields_of<OptionsType>(); }};
}

Entry external_entry() {
  return {[](const config::Value& node, const Resources&, const std::string& key) {
            return std::unique_ptr<Detector>(
                std::make_unique<External>(config::read_options<ExternalOptions>(node, key), key));
          },
          [] { return config::fields_of<ExternalOptions>(); }};
}

Entry ensemble_entry() {
  return {[](const config::Value& node, const Resources& resources, const std::string& key) {
            return std::unique_ptr<Detector>(Ensemble::make(node, resources, key));
          },
          [] { return config::fields_of<EnsembleOptions>(); }};
}

/// For detectors on a CLIP model that they name themselves.
template <typename DetectorType, typename OptionsType>
Entry clip_entry() {
  return {[](const config::Value& node, const Resources& resources, const std::string& key) {
            const auto options = config::read_options<OptionsType>(node, key);
            auto clip = resources.clip(options.clip_request());
            return std::unique_ptr<Detector>(std::make_unique<DetectorType>(options, std::move(clip), key));
          },
          [] { return config::fields_of<OptionsType>(); }};
}

const std::map<std::string, Entry>& entries() {
  static const std::map<std::string, Entry> table{
      {"april_gan", clip_entry<AprilGan, AprilGanOptions>()},
      {"ensemble", ensemble_entry()},
      {"external", external_entry()},
      {"padim", backbone_entry<Padim, PadimOptions>()},
      {"patchcore", backbone_entry<PatchCore, PatchCoreOptions>()},
      {"winclip", clip_entry<WinClip, WinClipOptions>()},
  };
  return table;
}

const Entry& find(const std::string& name, const std::string& key) {
  const auto found = entries().find(name);
  if (found == entries().end()) {
    throw core::ConfigError(fmt::format("unknown detector '{}'", name), fmt::format("{}.name", key),
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

std::vector<config::Field> detector_fields(const std::string& name) { return find(name, "detector").fields(); }

std::unique_ptr<Detector> make_detector(const config::Value& node, const Resources& resources, const std::string& key) {
  const config::Value* name = node.find("name");
  return find(name != nullptr && name->is_string() ? name->as_string() : "", key).make(node, resources, key);
}

}  // namespace normadd::detectors
