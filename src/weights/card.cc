// SPDX-License-Identifier: Apache-2.0
#include "weights/card.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "config/compose.h"
#include "config/options.h"
#include "core/error.h"

namespace normadd::weights {
namespace {

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

struct FileOptions {
  std::optional<std::string> sha256;
  std::int64_t bytes = 0;

  void describe(config::Options& o) {
    o.field("sha256", sha256).help("of the file, 64 hex digits; null = not pinned yet");
    o.field("bytes", bytes).help("size; 0 = not known").at_least(0);
  }
};

/// The sizes of both towers, with the words of open_clip's model configurations.
struct ClipOptions {
  int embed_dim = 0, image_size = 0, patch_size = 0;
  int width = 0, layers = 0, heads = 0;
  int text_width = 0, text_layers = 0, text_heads = 0;
  bool quick_gelu = false;
  std::vector<double> mean, std;
  std::string interpolation, resize_mode;

  void describe(config::Options& o) {
    o.field("embed_dim", embed_dim).help("size of the joint embedding").required().at_least(1);
    o.field("image_size", image_size).help("side of the input").unit("px").required().at_least(1);
    o.field("patch_size", patch_size).help("side of a patch").unit("px").required().at_least(1);
    o.field("width", width).help("of the image tower").required().at_least(1);
    o.field("layers", layers).help("of the image tower").required().at_least(1);
    o.field("heads", heads).help("of the image tower").required().at_least(1);
    o.field("text_width", text_width).help("of the text tower").required().at_least(1);
    o.field("text_layers", text_layers).help("of the text tower").required().at_least(1);
    o.field("text_heads", text_heads).help("of the text tower").required().at_least(1);
    o.field("quick_gelu", quick_gelu).help("x sigmoid(1.702 x) in place of the exact GELU").required();
    o.field("mean", mean).help("subtracted from each channel").required();
    o.field("std", std).help("that each channel is divided by").required();
    o.field("interpolation", interpolation).help("of the resize").required().one_of({"bicubic", "bilinear"});
    o.field("resize_mode", resize_mode).help("of the resize").required().one_of({"shortest", "squash"});
  }
};

struct CardOptions {
  std::string family, architecture, repository, preprocessing, licence, source, note;
  std::optional<std::string> revision;
  config::MapEntries files, clip;

  void describe(config::Options& o) {
    o.field("family", family).help("kind of network").required().one_of({"resnet", "clip"});
    o.field("architecture", architecture).help("backbone.name, or open_clip's name").required();
    o.field("repository", repository).help("on the hub, OWNER/NAME").required();
    o.field("revision", revision).help("commit on the hub; null = not pinned yet");
    o.field("files", files).help("name: {sha256, bytes}; the weights first");
    o.field("clip", clip).help("sizes, activation and preprocessing of a CLIP");
    o.field("preprocessing", preprocessing).help("what the weights were tested with");
    o.field("licence", licence).help("of the weights").required();
    o.field("source", source).help("where the hub's copy comes from").required();
    o.field("note", note).help("what else one should know");
  }
};

[[noreturn]] void fail(const std::string& what, const std::string& where, const std::string& hint = "") {
  throw core::ConfigError(what, where, hint);
}

networks::ClipConfig clip_config(const config::MapEntries& entries, const std::string& where) {
  const auto o = config::read_options<ClipOptions>(config::Value(entries), where);
  if (o.width % o.heads != 0 || o.text_width % o.text_heads != 0 || o.image_size % o.patch_size != 0) {
    fail("the widths must be multiples of the heads, and image_size of patch_size", where);
  }
  if (o.mean.size() != 3 || o.std.size() != 3) fail("mean and std must have three numbers each", where);
  networks::ClipConfig clip;
  clip.embedding = o.embed_dim;
  clip.image_px = o.image_size;
  clip.patch_px = o.patch_size;
  clip.vision = {o.width, o.layers, o.heads, 4 * o.width};
  clip.text = {o.text_width, o.text_layers, o.text_heads, 4 * o.text_width};
  clip.activation = o.quick_gelu ? networks::Activation::kQuickGelu : networks::Activation::kGelu;
  auto& preprocessing = clip.preprocessing;
  preprocessing.mode = o.resize_mode == "squash" ? networks::ResizeMode::kSquash : networks::ResizeMode::kShorterSide;
  preprocessing.filter = o.interpolation == "bicubic" ? imaging::Filter::kBicubic : imaging::Filter::kBilinear;
  preprocessing.resize_px = preprocessing.crop_px = o.image_size;
  for (std::size_t i = 0; i < 3; ++i) {
    preprocessing.mean[i] = static_cast<float>(o.mean[i]);
    preprocessing.std[i] = static_cast<float>(o.std[i]);
  }
  return clip;
}

/// What the hub allows in names; above all nothing that leaves a folder.
bool is_hub_name(std::string_view text) {
  const auto allowed = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '-' || letter == '_' || letter == '.';
  };
  return !text.empty() && text != "." && text != ".." && text.find("--") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

const char* family_name(Family family) { return family == Family::kResNet ? "resnet" : "clip"; }

bool is_commit(const std::string& revision) { return is_hex(revision, 40); }

std::string checked_sha256(const std::string& text, const std::string& where) {
  if (!is_hex(text, 64)) fail(fmt::format("'{}' is not a sha256", text), where, "It has 64 digits from 0-9 and a-f.");
  return text;
}

Card read_card(const std::filesystem::path& yaml) {
  const std::string file = yaml.string();
  const config::Value value = config::read_yaml(yaml);
  if (!value.is_map()) fail("a weight card is a map", file);
  const auto o = config::read_options<CardOptions>(value, file);
  Card card;
  card.name = yaml.stem().string();
  card.family = o.family == "clip" ? Family::kClip : Family::kResNet;
  card.architecture = o.architecture;
  card.repository = o.repository;
  card.revision = o.revision;
  card.preprocessing = o.preprocessing;
  card.licence = o.licence;
  card.source = o.source;
  card.note = o.note;
  const auto slash = card.repository.find('/');
  if (slash == std::string::npos || !is_hub_name(card.repository.substr(0, slash)) ||
      !is_hub_name(card.repository.substr(slash + 1))) {
    fail(fmt::format("repository: '{}' is not OWNER/NAME", card.repository), file);
  }
  if (card.revision && !is_commit(*card.revision)) {
    fail(fmt::format("revision: '{}' is not a commit", *card.revision), file, "It has 40 digits from 0-9 and a-f.");
  }
  for (const auto& [name, entry] : o.files) {
    const std::string where = fmt::format("{}: files.{}", file, name);
    if (!is_hub_name(name)) fail("this is not the name of a file in the repository", where);
    if (!entry.is_map()) fail("a map with sha256 and bytes is needed", where, "Write {} when nothing is known.");
    const auto facts = config::read_options<FileOptions>(entry, where);
    CardFile card_file{name, facts.sha256, {}};
    if (facts.sha256) checked_sha256(*facts.sha256, where);
    if (facts.bytes > 0) card_file.bytes = facts.bytes;
    card.files.push_back(card_file);
  }
  if (card.files.empty()) fail("files: at least the weights must be named", file);
  if ((card.family == Family::kClip) == o.clip.empty())
    fail("the map 'clip' belongs to the family clip, and only to it", file);
  if (card.family == Family::kClip) card.clip = clip_config(o.clip, file + ": clip");
  return card;
}

}  // namespace normadd::weights
