// SPDX-License-Identifier: Apache-2.0
#include "networks/clip_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"

namespace normadd::networks {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<float, 3> kClipMean{0.48145466f, 0.4578275f, 0.40821073f};
constexpr std::array<float, 3> kClipStd{0.26862954f, 0.26130258f, 0.27577711f};
/// open_clip truncates width * ratio; the slack keeps 4.3637 * 1408 and our own quotients on the whole number that they
/// mean.
constexpr double kRatioSlack = 1e-6;

/// One object of the file; knows its dotted key and which of its fields were looked at.
class Node {
 public:
  Node(const Json& json, std::string file, std::string key)
      : json_(json), file_(std::move(file)), key_(std::move(key)) {
    if (!json_.is_object()) fail("", "must be an object");
  }

  [[noreturn]] void fail(const std::string& field, const std::string& what) const {
    const std::string key = field.empty() ? key_ : key_ + "." + field;
    throw core::WeightsError(fmt::format("{} {}", key, what), file_,
                             "Correct the model's description, or take it again from where the weights come from.");
  }

  bool has(const std::string& field) {
    seen_.insert(field);
    return json_.contains(field) && !json_.at(field).is_null();
  }

  Node child(const std::string& field) {
    if (!has(field)) fail(field, "is missing");
    return Node(json_.at(field), file_, key_ + "." + field);
  }

  int positive(const std::string& field, std::optional<int> fallback = {}) {
    if (!has(field)) {
      if (fallback) return *fallback;
      fail(field, "is missing");
    }
    const Json* value = &json_.at(field);
    // Sizes may stand as [height, width]; only square inputs exist here.
    if (value->is_array() && value->size() == 2 && value->at(0) == value->at(1)) value = &value->at(0);
    if (!value->is_number_integer() || value->get<std::int64_t>() < 1 || value->get<std::int64_t>() > 1'000'000) {
      fail(field, fmt::format("must be a whole number from 1 to 1000000, not {}", value->dump()));
    }
    return value->get<int>();
  }

  double number(const std::string& field, double fallback) {
    if (!has(field)) return fallback;
    if (!json_.at(field).is_number()) fail(field, "must be a number, not " + json_.at(field).dump());
    return json_.at(field).get<double>();
  }

  bool flag(const std::string& field) {
    if (!has(field)) return false;
    if (!json_.at(field).is_boolean()) fail(field, "must be true or false, not " + json_.at(field).dump());
    return json_.at(field).get<bool>();
  }

  std::string text(const std::string& field, const std::string& fallback) {
    if (!has(field)) return fallback;
    if (!json_.at(field).is_string()) fail(field, "must be a string, not " + json_.at(field).dump());
    return json_.at(field).get<std::string>();
  }

  std::array<float, 3> colour(const std::string& field, const std::array<float, 3>& fallback) {
    if (!has(field)) return fallback;
    const Json& value = json_.at(field);
    const auto is_number = [](const Json& element) { return element.is_number(); };
    if (!value.is_array() || value.size() != 3 || !std::all_of(value.begin(), value.end(), is_number)) {
      fail(field, "must be three numbers, not " + value.dump());
    }
    return value.get<std::array<float, 3>>();
  }

  void ignore(const std::vector<std::string>& fields) { seen_.insert(fields.begin(), fields.end()); }

  /// A field that nobody looked at asks for something that this program does not build, unless its value switches it
  /// off.
  void finish() const {
    for (const auto& [field, value] : json_.items()) {
      const bool off = value.is_null() || value == false || value == 0 ||
                       (value.is_string() && value.get<std::string>().empty()) || (value.is_object() && value.empty());
      if (!seen_.contains(field) && !off) fail(field, fmt::format("= {} is not supported", value.dump()));
    }
  }

 private:
  const Json& json_;
  std::string file_;
  std::string key_;
  std::set<std::string> seen_;
};

void expect_text(Node& node, const std::string& field, const std::string& only) {
  const std::string value = node.text(field, only);
  if (value != only) node.fail(field, fmt::format("= '{}' is not supported, only '{}' is", value, only));
}

/// What open_clip's CLIPVisionCfg and CLIPTextCfg take for fields that a description leaves out.
constexpr int kVisionWidth = 768, kVisionLayers = 12, kVisionImage = 224, kVisionPatch = 16, kVisionHeadWidth = 64;
constexpr int kTextWidth = 512, kTextLayers = 12, kTextHeads = 8;

ClipTower read_tower(Node& node, int width, int layers, int heads) {
  ClipTower tower;
  tower.width = width;
  tower.layers = layers;
  tower.heads = heads;
  if (tower.heads < 1 || tower.width % tower.heads != 0) {
    node.fail("width", fmt::format("= {} cannot be split over {} heads", tower.width, tower.heads));
  }
  tower.mlp_width = static_cast<int>(tower.width * node.number("mlp_ratio", 4.0) + kRatioSlack);
  if (tower.mlp_width < 1) node.fail("mlp_ratio", "must be positive");
  return tower;
}

void read_vision(Node node, ClipConfig& config) {
  config.image_px = node.positive("image_size", kVisionImage);
  config.patch_px = node.positive("patch_size", kVisionPatch);
  if (config.image_px % config.patch_px != 0) {
    node.fail("image_size", fmt::format("= {} is not a multiple of patch_size = {}", config.image_px, config.patch_px));
  }
  const int width = node.positive("width", kVisionWidth);
  const int heads = node.has("heads") ? node.positive("heads") : width / node.positive("head_width", kVisionHeadWidth);
  config.vision = read_tower(node, width, node.positive("layers", kVisionLayers), heads);
  expect_text(node, "pool_type", "tok");
  expect_text(node, "pos_embed_type", "learnable");
  node.ignore({"patch_dropout", "output_tokens", "attn_pooler_queries", "attn_pooler_heads"});
  node.finish();
}

void read_text(Node node, ClipConfig& config) {
  config.context = node.positive("context_length", 77);
  config.vocabulary = node.positive("vocab_size", 49408);
  config.text = read_tower(node, node.positive("width", kTextWidth), node.positive("layers", kTextLayers),
                           node.positive("heads", kTextHeads));
  expect_text(node, "pool_type", "argmax");
  expect_text(node, "proj_type", "linear");
  node.ignore({"pad_id", "eos_id", "output_tokens"});
  node.finish();
}

void read_preprocessing(Node node, ClipConfig& config) {
  Preprocessing& preprocessing = config.preprocessing;
  preprocessing.mean = node.colour("mean", kClipMean);
  preprocessing.std = node.colour("std", kClipStd);
  const int size = node.positive("size", config.image_px);
  if (size != config.image_px)
    node.fail("size", fmt::format("= {} differs from image_size = {}", size, config.image_px));
  const std::string mode = node.text("resize_mode", "shortest");
  if (mode != "shortest" && mode != "squash")
    node.fail("resize_mode", "= '" + mode + "' is not 'shortest' or 'squash'");
  preprocessing.mode = mode == "squash" ? ResizeMode::kSquash : ResizeMode::kShorterSide;
  const std::string filter = node.text("interpolation", "bicubic");
  if (filter != "bicubic" && filter != "bilinear") {
    node.fail("interpolation", "= '" + filter + "' is not 'bicubic' or 'bilinear'");
  }
  preprocessing.filter = filter == "bicubic" ? imaging::Filter::kBicubic : imaging::Filter::kBilinear;
  preprocessing.resize_px = config.image_px;
  preprocessing.crop_px = config.image_px;
  expect_text(node, "mode", "RGB");
  node.ignore({"fill_color"});
  node.finish();
}

/// 0.1f as 0.1, not as 0.10000000149011612.
Json shortest(const std::array<float, 3>& colour) {
  Json values = Json::array();
  for (const float value : colour) values.push_back(std::stod(fmt::format("{}", value)));
  return values;
}

}  // namespace

ClipConfig ClipConfig::read(const std::filesystem::path& path) {
  try {
    return parse(core::read_file(path), path);
  } catch (const core::DataError&) {
    throw core::WeightsError(
        "the model's description cannot be read", path.string(),
        "A CLIP model is a folder with open_clip_config.json, open_clip_model.safetensors and a vocabulary.");
  }
}

ClipConfig ClipConfig::parse(const std::string& text, const std::filesystem::path& path) {
  Json json;
  try {
    // Printing or freeing a deeper one would exhaust the stack.
    constexpr int kDeepest = 32;
    json = Json::parse(text, [&](int depth, Json::parse_event_t, Json&) {
      if (depth > kDeepest) throw core::WeightsError("the model's description is nested too deeply", path.string(), "");
      return true;
    });
  } catch (const nlohmann::json::exception& error) {
    throw core::WeightsError(fmt::format("the model's description is not valid JSON: {}", error.what()), path.string(),
                             "");
  }
  if (!json.is_object() || !json.contains("model_cfg")) {
    throw core::WeightsError("model_cfg is missing", path.string(),
                             "The file must look like open_clip's open_clip_config.json.");
  }
  ClipConfig config;
  Node model(json.at("model_cfg"), path.string(), "model_cfg");
  config.embedding = model.positive("embed_dim");
  config.activation = model.flag("quick_gelu") ? Activation::kQuickGelu : Activation::kGelu;
  read_vision(model.child("vision_cfg"), config);
  read_text(model.child("text_cfg"), config);
  model.ignore({"custom_text", "init_logit_scale", "nonscalar_logit_scale"});
  model.finish();
  const Json none = Json::object();
  read_preprocessing(
      Node(json.contains("preprocess_cfg") ? json.at("preprocess_cfg") : none, path.string(), "preprocess_cfg"),
      config);
  return config;
}

std::string ClipConfig::to_json() const {
  const auto ratio = [](const ClipTower& tower) { return static_cast<double>(tower.mlp_width) / tower.width; };
  if (vision.width % vision.heads != 0) throw core::InternalError("vision width and heads", "ClipConfig::to_json", "");
  Json json;
  Json& model = json["model_cfg"];
  model["embed_dim"] = embedding;
  model["quick_gelu"] = activation == Activation::kQuickGelu;
  model["vision_cfg"] = {{"image_size", image_px}, {"layers", vision.layers},
                         {"width", vision.width},  {"head_width", vision.width / vision.heads},
                         {"patch_size", patch_px}, {"mlp_ratio", ratio(vision)}};
  model["text_cfg"] = {{"context_length", context}, {"vocab_size", vocabulary}, {"width", text.width},
                       {"heads", text.heads},       {"layers", text.layers},    {"mlp_ratio", ratio(text)}};
  json["preprocess_cfg"] = {
      {"mean", shortest(preprocessing.mean)},
      {"std", shortest(preprocessing.std)},
      {"interpolation", preprocessing.filter == imaging::Filter::kBilinear ? "bilinear" : "bicubic"},
      {"resize_mode", preprocessing.mode == ResizeMode::kSquash ? "squash" : "shortest"}};
  return json.dump(2) + "\n";
}

}  // namespace normadd::networks
