// SPDX-License-Identifier: Apache-2.0
// A weight card says what a published set of weights is and how anybody gets exactly the same bytes:
// data/weights/cards/<name>.yaml.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "networks/clip_config.h"

namespace normadd::weights {

enum class Family { kResNet, kClip };

/// "resnet", "clip".
const char* family_name(Family family);

struct CardFile {
  std::string name;                   // below the repository's root
  std::optional<std::string> sha256;  // lower-case hex; unset = not pinned yet
  std::optional<std::int64_t> bytes;
};

struct Card {
  std::string name;  // of the file without .yaml, e.g. "wide_resnet50_2.tv_in1k"
  Family family = Family::kResNet;
  std::string architecture;                  // backbone.name, or open_clip's name of the model
  std::string repository;                    // "timm/wide_resnet50_2.tv_in1k"
  std::optional<std::string> revision;       // the commit; unset = not pinned yet
  std::vector<CardFile> files;               // the weights first, then what else makes the folder a model
  std::optional<networks::ClipConfig> clip;  // of the family clip
  std::string preprocessing;                 // for people: what the weights were trained and tested with
  std::string licence, source, note;         // note: may be empty
  bool pinned_here = false;                  // revision and hash were recorded at the first download on this machine

  const CardFile& weights() const { return files.front(); }
  bool is_pinned() const { return revision && weights().sha256; }
};

/// Throws ConfigError naming file and key for anything missing, unknown or malformed.
Card read_card(const std::filesystem::path& yaml);

/// 64 digits of lower-case hex. Throws ConfigError naming where otherwise.
std::string checked_sha256(const std::string& text, const std::string& where);

/// Whether it is a full commit id: 40 digits of lower-case hex.
bool is_commit(const std::string& revision);

}  // namespace normadd::weights
