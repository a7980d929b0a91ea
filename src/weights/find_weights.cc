// SPDX-License-Identifier: Apache-2.0
#include "weights/find_weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.h"
#include "core/log.h"
#include "core/nearest_name.h"
#include "weights/file_hashes.h"
#include "weights/hub_cache.h"
#include "weights/recognition.h"

namespace normadd::weights {
namespace fs = std::filesystem;

namespace {

constexpr const char* kBackbone = "backbone.weights";
constexpr const char* kClip = "clip.path";

/// The card that value names, or nullptr when it is a path. What is neither is an error.
const Card* card_of(const std::string& value, const Catalogue& catalogue, const char* key) {
  if (const Card* card = catalogue.find(value)) return card;
  std::error_code error;
  if (fs::exists(value, error)) return nullptr;
  const bool looks_like_path = value.find('/') != std::string::npos;
  throw core::WeightsError(
      "no such file or folder", value,
      looks_like_path
          ? fmt::format("Set {}=PATH to where it is, or to a name of 'normadd weights list'.", key)
          : fmt::format("Nor is it the name of a weight card. {}", core::did_you_mean(value, catalogue.names())));
}

std::string choices(const char* key, const std::vector<std::string>& names) {
  return names.empty() ? "" : fmt::format("{}={}", key, fmt::join(names, fmt::format(" or {}=", key)));
}

/// The card's weights in the cache, held against the card.
CachedWeights cached(const Card& card, const Places& places) {
  const auto found = find_cached(HubCache(places.hub_cache), card);
  const std::string fetch = fmt::format("Run: normadd weights fetch {}", card.name);
  if (!found) {
    throw core::WeightsError(fmt::format("{} is not in the hub's cache", card.name), places.hub_cache.string(),
                             fmt::format("{}{}", fetch, card.is_pinned() ? "" : " --trust-first-download"));
  }
  if (!card.weights().sha256) {
    core::log_warning(fmt::format("{} is not pinned: taking what the cache has, commit {}", card.name, found->commit));
    return *found;
  }
  const std::string sha256 = FileHashes(places.state).sha256(found->file);
  if (sha256 != *card.weights().sha256) {
    throw core::WeightsError(
        fmt::format("the file has the sha256 {}, {} has {}", sha256, card.name, *card.weights().sha256),
        found->file.string(),
        fmt::format("It is {}. {}", found->right_commit ? "damaged" : "of another revision", fetch));
  }
  return *found;
}

Origin origin_of(const Card& card, const CachedWeights& found) {
  return {card.name, card.repository, found.commit, card.weights().name};
}

[[noreturn]] void refuse_content(const fs::path& file, const Recognised& found, const std::string& wanted,
                                 const std::string& hint) {
  throw core::WeightsError(fmt::format("the file holds {}, not {}", found.noun(), wanted), file.string(), hint);
}

void require_resnet(const fs::path& file, const std::string& architecture, const Catalogue& catalogue) {
  const Recognised found = recognise(networks::SafetensorsFile::open(file), catalogue);
  // What is not recognised may still be right: the loader names the tensor that it misses.
  if (found.content == Content::kUnknown || found.content == Content::kOtherResNet) return;
  if (found.content == Content::kResNet && (found.architecture == architecture || architecture == "micro_resnet")) {
    return;
  }
  const auto names = catalogue.names_for(Family::kResNet, architecture);
  const std::string right = names.empty() ? "" : " Weights for it: " + choices(kBackbone, names) + ".";
  const std::string use = configuration_for(found, file);
  refuse_content(
      file, found, architecture,
      fmt::format("{}{}", use.empty() ? "Give the weights of that network." : fmt::format("To use it: {}.", use),
                  right));
}

}  // namespace

ResNetWeights find_resnet_weights(const std::string& value, const std::string& architecture, const Places& places) {
  const Catalogue catalogue = Catalogue::read(places);
  const Card* card = card_of(value, catalogue, kBackbone);
  if (card == nullptr) {
    std::error_code error;
    if (fs::is_directory(value, error)) {
      throw core::WeightsError("this is a folder, not a file of weights", value,
                               fmt::format("Give the .safetensors file in it: {}={}.", kBackbone,
                                           (fs::path(value) / "model.safetensors").string()));
    }
    require_resnet(value, architecture, catalogue);
    return {value, {}};
  }
  if (card->family != Family::kResNet || card->architecture != architecture) {
    const auto names = catalogue.names_for(Family::kResNet, architecture);
    throw core::WeightsError(
        fmt::format("{} are weights of {}, not of {}", card->name, card->architecture, architecture), kBackbone,
        names.empty() ? fmt::format("No card has weights of {}; give a file.", architecture)
                      : fmt::format("Set {}.", choices(kBackbone, names)));
  }
  const CachedWeights found = cached(*card, places);
  require_resnet(found.file, architecture, catalogue);
  return {found.file, origin_of(*card, found)};
}

namespace {

/// A folder that says what it is.
ClipWeights described_folder(const fs::path& folder, const Catalogue& catalogue) {
  ClipWeights result{networks::ClipParts::in_folder(folder), {}};
  const Recognised found = recognise(networks::SafetensorsFile::open(result.parts.weights), catalogue);
  const bool is_clip =
      found.content == Content::kClip || found.content == Content::kClipImage || found.content == Content::kUnknown;
  if (!is_clip) {
    const std::string use = configuration_for(found, result.parts.weights);
    refuse_content(result.parts.weights, found, "a CLIP",
                   use.empty() ? "Give the folder of a CLIP." : fmt::format("To use it: {}.", use));
  }
  return result;
}

/// A folder with weights alone: the card with the same hash knows the rest.
ClipWeights bare_folder(const fs::path& folder, const fs::path& file, const Catalogue& catalogue,
                        const Places& places) {
  const Recognised found = recognise(networks::SafetensorsFile::open(file), catalogue);
  if (found.content != Content::kClip && found.content != Content::kClipImage) {
    refuse_content(file, found, "a CLIP", "A CLIP model is a folder with open_clip_config.json and its weights.");
  }
  const Card* card = catalogue.find_sha256(FileHashes(places.state).sha256(file));
  if (card == nullptr || !card->clip) {
    throw core::WeightsError(
        fmt::format("the folder holds {} but no open_clip_config.json, and no weight card has this file", found.noun()),
        folder.string(), "Copy open_clip_config.json from where the weights come from: it tells the activation.");
  }
  return {{*card->clip, file, folder}, {card->name, card->repository, "", card->weights().name}};
}

/// The wrong activation does not fail, it only shifts features; so a difference is said.
void warn_of_other_activation(const Card& card, const fs::path& folder) {
  const fs::path description = folder / "open_clip_config.json";
  std::error_code error;
  if (!fs::is_regular_file(description, error)) return;
  try {
    if (networks::ClipConfig::read(description).activation == card.clip->activation) return;
  } catch (const core::WeightsError&) {
    return;  // written for a newer open_clip; the card suffices
  }
  core::log_warning(fmt::format("{}: the activation there differs from that of the card {}; the card's is used",
                                description.string(), card.name));
}

}  // namespace

ClipWeights find_clip_weights(const std::string& value, const Places& places) {
  const Catalogue catalogue = Catalogue::read(places);
  const Card* card = card_of(value, catalogue, kClip);
  if (card != nullptr) {
    if (card->family != Family::kClip) {
      throw core::WeightsError(fmt::format("{} are weights of {}, not of a CLIP", card->name, card->architecture),
                               kClip, fmt::format("They belong to backbone={}.", card->architecture));
    }
    const CachedWeights found = cached(*card, places);
    warn_of_other_activation(*card, found.folder);
    return {{*card->clip, found.file, found.folder}, origin_of(*card, found)};
  }
  const fs::path path = value;
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    throw core::WeightsError("this is a file, where the folder of a CLIP is needed", value,
                             fmt::format("Set {}={}.", kClip, folder.string()));
  }
  for (const char* name : {"open_clip_model.safetensors", "model.safetensors"}) {
    if (fs::is_regular_file(path / name, error) && !fs::is_regular_file(path / "open_clip_config.json", error)) {
      return bare_folder(path, path / name, catalogue, places);
    }
  }
  return described_folder(path, catalogue);
}

}  // namespace normadd::weights
