// SPDX-License-Identifier: Apache-2.0
#include "weights/recognition.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.h"
#include "networks/resnet_architecture.h"
#include "networks/weight_source.h"

namespace normadd::weights {
namespace {

using Shape = std::vector<std::int64_t>;

/// A file's tensors without the wrapper that training puts before every name.
class Tensors {
 public:
  explicit Tensors(const networks::SafetensorsFile& file) {
    const auto all = file.names();
    std::string wrapper;
    for (const std::string candidate : {"state_dict.module.", "state_dict.", "module.", "trainable_linearlayer."}) {
      const auto wrapped = [&](const auto& name) { return name.starts_with(candidate); };
      if (wrapper.empty() && !all.empty() && std::ranges::all_of(all, wrapped)) wrapper = candidate;
    }
    for (const auto& name : all) shapes_[name.substr(wrapper.size())] = file.shape(name);
  }

  bool contains(const std::string& name) const { return shapes_.contains(name); }
  /// Empty when there is none.
  Shape shape(const std::string& name) const {
    const auto found = shapes_.find(name);
    return found == shapes_.end() ? Shape{} : found->second;
  }
  /// 0 when there is no such axis; counted from the end when negative.
  std::int64_t extent(const std::string& name, int axis) const {
    const Shape shape = this->shape(name);
    const int at = axis < 0 ? axis + static_cast<int>(shape.size()) : axis;
    return at >= 0 && at < static_cast<int>(shape.size()) ? shape[static_cast<std::size_t>(at)] : 0;
  }
  bool any_starts_with(const std::string& beginning) const {
    const auto next = shapes_.lower_bound(beginning);
    return next != shapes_.end() && next->first.starts_with(beginning);
  }
  /// How many of prefix0suffix, prefix1suffix, …
  int count(const std::string& prefix, const std::string& suffix) const {
    int number = 0;
    while (contains(fmt::format("{}{}{}", prefix, number, suffix))) ++number;
    return number;
  }
  std::size_t size() const { return shapes_.size(); }

 private:
  std::map<std::string, Shape> shapes_;
};

/// Where the four facts of each tower stand under each naming.
struct ClipNames {
  const char* naming;
  const char* patch;        // [W, 3, P, P]
  const char* positions;    // [.., G*G + 1, W]
  const char* block;        // before the number
  const char* block_probe;  // after it
  const char* projection;   // its other side is the embedding
  int embedding_axis;
  const char* tokens;  // [vocabulary, T]; empty: no text tower
  const char* text_positions;
  const char* text_block;
};

constexpr ClipNames kOpenClip{"open_clip",
                              "visual.conv1.weight",
                              "visual.positional_embedding",
                              "visual.transformer.resblocks.",
                              ".attn.in_proj_weight",
                              "visual.proj",
                              1,
                              "token_embedding.weight",
                              "positional_embedding",
                              "transformer.resblocks."};
constexpr ClipNames kCustomText{"open_clip, text tower apart",
                                "visual.conv1.weight",
                                "visual.positional_embedding",
                                "visual.transformer.resblocks.",
                                ".attn.in_proj_weight",
                                "visual.proj",
                                1,
                                "text.token_embedding.weight",
                                "text.positional_embedding",
                                "text.transformer.resblocks."};
constexpr ClipNames kHuggingFace{"Hugging Face",
                                 "vision_model.embeddings.patch_embedding.weight",
                                 "vision_model.embeddings.position_embedding.weight",
                                 "vision_model.encoder.layers.",
                                 ".self_attn.q_proj.weight",
                                 "visual_projection.weight",
                                 0,
                                 "text_model.embeddings.token_embedding.weight",
                                 "text_model.embeddings.position_embedding.weight",
                                 "text_model.encoder.layers."};
constexpr ClipNames kTimm{
    "timm", "patch_embed.proj.weight", "pos_embed", "blocks.", ".attn.qkv.weight", "head.weight", 0, "", "", ""};

struct ClipSizes {
  std::int64_t width = 0, patch = 0, image = 0, embedding = 0, text_width = 0, context = 0, tokens = 0;
  int layers = 0, text_layers = 0;
};

ClipSizes clip_sizes(const Tensors& tensors, const ClipNames& names) {
  ClipSizes sizes;
  sizes.width = tensors.extent(names.patch, 0);
  sizes.patch = tensors.extent(names.patch, 3);
  const auto cells = tensors.extent(names.positions, -2) - 1;
  const auto side =
      static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(std::max<std::int64_t>(0, cells)))));
  if (side * side == cells) sizes.image = side * sizes.patch;
  sizes.layers = tensors.count(names.block, names.block_probe);
  sizes.embedding = tensors.extent(names.projection, names.embedding_axis);
  if (*names.tokens != '\0') {
    sizes.tokens = tensors.extent(names.tokens, 0);
    sizes.text_width = tensors.extent(names.tokens, 1);
    sizes.context = tensors.extent(names.text_positions, 0);
    sizes.text_layers = tensors.count(names.text_block, names.block_probe);
  }
  return sizes;
}

bool fits(const networks::ClipConfig& config, const ClipSizes& sizes) {
  const bool image = config.vision.width == sizes.width && config.vision.layers == sizes.layers &&
                     config.patch_px == sizes.patch && config.image_px == sizes.image &&
                     (sizes.embedding == 0 || config.embedding == sizes.embedding);
  return image &&
         (sizes.tokens == 0 || (config.text.width == sizes.text_width && config.text.layers == sizes.text_layers &&
                                config.vocabulary == sizes.tokens && config.context == sizes.context));
}

Recognised recognise_clip(const Tensors& tensors, const ClipNames& names, const Catalogue& cards) {
  const ClipSizes sizes = clip_sizes(tensors, names);
  Recognised result;
  result.naming = names.naming;
  if (tensors.contains("input_resolution") && tensors.contains("context_length")) result.naming = "OpenAI";
  const bool image = sizes.width > 0, text = sizes.tokens > 0;
  result.content = image && text ? Content::kClip : image ? Content::kClipImage : Content::kClipText;
  if (image) {
    result.facts.emplace_back("image tower", fmt::format("width {}, {} blocks, patches of {} px, input {} px",
                                                         sizes.width, sizes.layers, sizes.patch, sizes.image));
    if (sizes.embedding > 0) result.facts.emplace_back("embedding", std::to_string(sizes.embedding));
  }
  if (text) {
    result.facts.emplace_back("text tower", fmt::format("width {}, {} blocks, {} tokens, texts of {}", sizes.text_width,
                                                        sizes.text_layers, sizes.tokens, sizes.context));
  }
  for (const auto& card : cards.cards()) {
    if (image && card.clip && fits(*card.clip, sizes)) result.architecture = card.architecture;
  }
  return result;
}

Recognised recognise_resnet(const networks::SafetensorsFile& file) {
  Recognised result;
  result.naming = "torchvision or timm";
  try {
    const networks::WeightSource source(file);
    // Files may hold only the layers that are tapped.
    int stages = 0;
    while (stages < 4 && source.contains(fmt::format("layer{}.0.conv1.weight", stages + 1))) ++stages;
    const auto found = networks::resnet_architecture("micro_resnet", source, stages);
    result.content = Content::kResNet;
    const auto numbers = [&](auto member) {
      std::vector<int> values;
      for (const auto& stage : found.stages) values.push_back(stage.*member);
      return fmt::format("{}", fmt::join(values, ", "));
    };
    result.facts.emplace_back("blocks",
                              fmt::format("{} ({})", numbers(&networks::ResNetStage::blocks),
                                          found.kind == networks::BlockKind::kBasic ? "basic" : "bottleneck"));
    result.facts.emplace_back("channels", numbers(&networks::ResNetStage::outer));
    const auto fits = [&](const std::string& name) {
      return networks::resnet_architecture(name, source, stages) == found;
    };
    for (const auto& name : networks::resnet_names()) {
      if (name != "micro_resnet" && fits(name)) result.architecture = name;
    }
    // Grouped convolutions (ResNeXt) have the widths of a wide ResNet and fewer input channels.
    const auto inner = source.shape("layer1.0.conv2.weight");
    const auto before = source.shape("layer1.0.conv1.weight");
    if (found.kind == networks::BlockKind::kBottleneck && inner.size() == 4 && inner[1] != before[0]) {
      result.content = Content::kOtherResNet;
      result.architecture.clear();
      result.facts.emplace_back("not supported", "grouped convolutions (ResNeXt)");
    } else if (result.architecture.empty()) {
      // Basic blocks that double their width from stage to stage are what this program trains itself.
      bool doubles = found.kind == networks::BlockKind::kBasic && found.stem == found.stages.front().outer;
      for (std::size_t i = 1; i < found.stages.size(); ++i) {
        doubles = doubles && found.stages[i].outer == 2 * found.stages[i - 1].outer;
      }
      result.architecture = doubles ? "micro_resnet" : "";
      if (!doubles) result.content = Content::kOtherResNet;
    }
  } catch (const core::WeightsError& error) {
    result.content = Content::kOtherResNet;
    result.facts.emplace_back("not supported", error.message());
  }
  return result;
}

Recognised recognise_dense_layers(const Tensors& tensors, const networks::SafetensorsFile& file) {
  Recognised result;
  result.content = Content::kDenseLayers;
  result.naming = "APRIL-GAN";
  result.facts.emplace_back("layers", fmt::format("{}, from {} to {}", tensors.count("fc.", ".weight"),
                                                  tensors.extent("fc.0.weight", 1), tensors.extent("fc.0.weight", 0)));
  if (!file.metadata().contains("taps")) {
    result.facts.emplace_back("lacks", "the metadata taps and temperature, see docs/weights.md");
  }
  return result;
}

}  // namespace

std::string Recognised::noun() const {
  const std::string named = architecture.empty() ? "" : fmt::format(" ({})", architecture);
  switch (content) {
    case Content::kResNet:
      return architecture == "micro_resnet" ? "a small ResNet (micro_resnet)" : architecture;
    case Content::kOtherResNet:
      return "a ResNet of a kind that is not supported";
    case Content::kClip:
      return "a CLIP" + named;
    case Content::kClipImage:
      return "the image tower of a CLIP" + named;
    case Content::kClipText:
      return "the text tower of a CLIP alone";
    case Content::kClipResNet:
      return "a CLIP with a ResNet as image tower, which is not supported";
    case Content::kDenseLayers:
      return "APRIL-GAN's linear layers";
    case Content::kDetector:
      return "a detector that normadd saved";
    case Content::kUnknown:
      break;
  }
  return "a network that is not known here";
}

Recognised recognise(const networks::SafetensorsFile& file, const Catalogue& cards) {
  const Tensors tensors(file);
  if (const auto found = file.metadata().find("normadd.detector"); found != file.metadata().end()) {
    return {Content::kDetector, "", "NormAdd", {{"detector", found->second}}};
  }
  if (tensors.any_starts_with("visual.layer1.")) {
    return {Content::kClipResNet, "", "open_clip", {}};
  }
  if (tensors.any_starts_with("vision_model.") || tensors.any_starts_with("text_model.")) {
    return recognise_clip(tensors, kHuggingFace, cards);
  }
  if (tensors.contains("text.token_embedding.weight")) return recognise_clip(tensors, kCustomText, cards);
  if (tensors.contains("visual.conv1.weight") || tensors.contains("token_embedding.weight")) {
    return recognise_clip(tensors, kOpenClip, cards);
  }
  // A timm transformer with a norm before its blocks is CLIP's; others are classifiers.
  if (tensors.contains("patch_embed.proj.weight") && tensors.contains("norm_pre.weight")) {
    return recognise_clip(tensors, kTimm, cards);
  }
  if (tensors.contains("fc.0.weight") && !tensors.any_starts_with("layer1.")) {
    return recognise_dense_layers(tensors, file);
  }
  // networks::WeightSource also removes "model." and repeated wrappers.
  const auto all = file.names();
  if (std::ranges::any_of(all, [](const auto& name) { return name.ends_with("layer1.0.conv1.weight"); })) {
    return recognise_resnet(file);
  }
  return {};
}

std::string configuration_for(const Recognised& recognised, const std::filesystem::path& file) {
  static const std::set<std::string> kGroups{"resnet18", "resnet50", "wide_resnet50_2", "micro_resnet"};
  const std::string& name = recognised.architecture;
  switch (recognised.content) {
    case Content::kResNet:
      return kGroups.contains(name)
                 ? fmt::format("backbone={} backbone.weights={}", name, file.string())
                 : fmt::format("backbone=resnet50 backbone.name={} backbone.weights={}", name, file.string());
    case Content::kClip:
      return fmt::format("clip=open_clip clip.name={} clip.path={}", name.empty() ? "NAME" : name,
                         file.has_parent_path() ? file.parent_path().string() : ".");
    case Content::kDenseLayers:
      return fmt::format("normality=clip_dense normality.dense_layers={}", file.string());
    case Content::kDetector:
      return "run.load_detectors=RUN_FOLDER, the run in whose folder the file lies";
    default:
      return "";
  }
}

}  // namespace normadd::weights
