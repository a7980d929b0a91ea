// SPDX-License-Identifier: Apache-2.0
#include "networks/clip_key_names.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "networks/clip_parameters.h"

namespace normadd::networks {
namespace {

using Shape = std::vector<std::int64_t>;
using Renames = std::vector<std::pair<std::string_view, std::string_view>>;

enum class Naming { kOpenClip, kOpenClipCustomText, kHuggingFace, kTimm };

/// The tensors of the file that make one canonical tensor: joined along axis 0, then perhaps transposed.
struct Source {
  std::vector<std::string> names;
  bool transposed = false;
};

// A rename replaces a name's beginning, or with a leading '.' a part inside a block's name.
const Renames kHuggingFaceRenames = {
    {"visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight"},
    {"visual.class_embedding", "vision_model.embeddings.class_embedding"},
    {"visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"},
    {"visual.ln_pre.", "vision_model.pre_layrnorm."},  // spelt so in the files
    {"visual.ln_post.", "vision_model.post_layernorm."},
    {"visual.proj", "visual_projection.weight"},
    {"visual.transformer.resblocks.", "vision_model.encoder.layers."},
    {"token_embedding.weight", "text_model.embeddings.token_embedding.weight"},
    {"positional_embedding", "text_model.embeddings.position_embedding.weight"},
    {"transformer.resblocks.", "text_model.encoder.layers."},
    {"ln_final.", "text_model.final_layer_norm."},
    {"text_projection", "text_projection.weight"},
    {".ln_1.", ".layer_norm1."},
    {".ln_2.", ".layer_norm2."},
    {".attn.in_proj_", ".self_attn.{}_proj."},
    {".attn.out_proj.", ".self_attn.out_proj."},
    {".mlp.c_fc.", ".mlp.fc1."},
    {".mlp.c_proj.", ".mlp.fc2."}};

const Renames kTimmRenames = {{"visual.conv1.weight", "patch_embed.proj.weight"},
                              {"visual.class_embedding", "cls_token"},
                              {"visual.positional_embedding", "pos_embed"},
                              {"visual.ln_pre.", "norm_pre."},
                              {"visual.ln_post.", "norm."},
                              {"visual.proj", "head.weight"},
                              {"visual.transformer.resblocks.", "blocks."},
                              {".ln_1.", ".norm1."},
                              {".ln_2.", ".norm2."},
                              {".attn.in_proj_", ".attn.qkv."},
                              {".attn.out_proj.", ".attn.proj."},
                              {".mlp.c_fc.", ".mlp.fc1."},
                              {".mlp.c_proj.", ".mlp.fc2."}};

std::string renamed(std::string name, const Renames& renames) {
  for (const auto& [from, to] : renames) {
    const std::size_t at = name.find(from);
    if (at == 0 || (at != std::string::npos && from.front() == '.')) name.replace(at, from.size(), to);
  }
  return name;
}

bool is_projection(const std::string& name) { return name == "visual.proj" || name == "text_projection"; }

Source source_of(const std::string& canonical, Naming naming) {
  switch (naming) {
    case Naming::kOpenClip:
      return {{canonical}};
    case Naming::kOpenClipCustomText: {
      const bool in_text = !canonical.starts_with("visual.") && canonical != "logit_scale";
      return {{in_text ? "text." + canonical : canonical}};
    }
    case Naming::kTimm:
      return {{renamed(canonical, kTimmRenames)}, is_projection(canonical)};
    case Naming::kHuggingFace:
      break;
  }
  Source source{{renamed(canonical, kHuggingFaceRenames)}, is_projection(canonical)};
  const std::size_t which = source.names.front().find("{}");
  if (which != std::string::npos) {
    const std::string pattern = source.names.front();
    source.names.clear();
    for (const char* part : {"q", "k", "v"}) source.names.push_back(std::string(pattern).replace(which, 2, part));
  }
  return source;
}

/// Buffers that older exports saved beside the weights.
bool is_no_weight(std::string_view name) {
  return name.ends_with("position_ids") || name.ends_with("attn_mask") || name == "input_resolution" ||
         name == "context_length" || name == "vocab_size";
}

/// A file's names without the wrapper that all of them carry.
class NamedFile {
 public:
  explicit NamedFile(const SafetensorsFile& file) : file_(file) {
    const auto all = file.names();
    for (const std::string wrapper : {"state_dict.module.", "state_dict.", "module."}) {
      const bool everywhere =
          std::all_of(all.begin(), all.end(), [&](const auto& name) { return name.starts_with(wrapper); });
      if (everywhere && !all.empty()) {
        wrapper_ = wrapper;
        break;
      }
    }
    for (const auto& name : all) names_.insert(name.substr(wrapper_.size()));
  }

  const std::set<std::string>& names() const { return names_; }
  bool contains(const std::string& name) const { return names_.contains(name); }
  bool contains(const Source& source) const {
    return std::all_of(source.names.begin(), source.names.end(), [&](const auto& name) { return contains(name); });
  }
  Shape shape(const std::string& name) const { return file_.shape(wrapper_ + name); }
  at::Tensor tensor(const std::string& name) const {
    const at::Tensor stored = file_.tensor(wrapper_ + name);
    if (!stored.is_floating_point()) {
      throw core::WeightsError(
          fmt::format("the tensor '{}' has the dtype {}, not floating point", name, file_.dtype(wrapper_ + name)),
          file_.path().string(), "Convert the weights to F32, F16 or BF16.");
    }
    return stored.to(at::kFloat);
  }

  Naming naming() const {
    if (contains("vision_model.embeddings.patch_embedding.weight")) return Naming::kHuggingFace;
    if (contains("patch_embed.proj.weight")) return Naming::kTimm;
    return contains("text.token_embedding.weight") ? Naming::kOpenClipCustomText : Naming::kOpenClip;
  }

 private:
  const SafetensorsFile& file_;
  std::string wrapper_;
  std::set<std::string> names_;
};

/// What is wrong with a file, gathered so that one message tells it all.
struct Problems {
  std::vector<std::string> missing, misshapen, unknown;

  static std::string list(const std::string& kind, const std::vector<std::string>& items) {
    constexpr std::size_t kShown = 12;
    const std::vector<std::string> shown(items.begin(), items.begin() + std::min(items.size(), kShown));
    const std::string more = items.size() > kShown ? fmt::format(" and {} more", items.size() - kShown) : "";
    return fmt::format("{} {}{}", kind, fmt::join(shown, ", "), more);
  }

  void raise_if_any(const std::filesystem::path& path) const {
    std::vector<std::string> parts;
    if (!missing.empty()) parts.push_back(list("missing", missing));
    if (!misshapen.empty()) parts.push_back(list("misshapen", misshapen));
    if (!unknown.empty()) parts.push_back(list("unknown", unknown));
    if (parts.empty()) return;
    throw core::WeightsError(fmt::format("the tensors do not fit the model's description: {}", fmt::join(parts, "; ")),
                             path.string(), "Check that open_clip_config.json belongs to this file.");
  }
};

/// The file's shape without the leading ones that timm ([1, 1, W]) and some exports of logit_scale ([1]) add.
Shape without_leading_ones(Shape shape, std::size_t rank) {
  while (shape.size() > rank && shape.front() == 1) shape.erase(shape.begin());
  return shape;
}

/// The canonical tensor, or nothing with the problem noted.
std::optional<at::Tensor> read(const NamedFile& file, const ClipParameter& parameter, const Source& source,
                               Problems& problems) {
  Shape part = parameter.shape;
  if (source.transposed) std::reverse(part.begin(), part.end());
  if (source.names.size() > 1) part[0] /= static_cast<std::int64_t>(source.names.size());
  std::vector<at::Tensor> tensors;
  for (const auto& name : source.names) {
    if (!file.contains(name)) {
      problems.missing.push_back(fmt::format("'{}'", name));
    } else if (without_leading_ones(file.shape(name), part.size()) != part) {
      problems.misshapen.push_back(fmt::format("'{}' (expected [{}], found [{}])", name, fmt::join(part, ", "),
                                               fmt::join(file.shape(name), ", ")));
    } else {
      tensors.push_back(file.tensor(name).reshape(part));
    }
  }
  if (tensors.size() != source.names.size()) return std::nullopt;
  at::Tensor whole = tensors.size() == 1 ? tensors.front() : at::cat(tensors);
  return source.transposed ? whole.t().contiguous() : whole;
}

}  // namespace

TensorMap load_clip_weights(const SafetensorsFile& file, const ClipConfig& config, const ClipSelection& selection) {
  const NamedFile named(file);
  const Naming naming = named.naming();
  const auto sources_of = [&](const std::vector<ClipParameter>& parameters) {
    std::set<std::string> names;
    for (const auto& parameter : parameters) {
      for (auto& name : source_of(parameter.name, naming).names) names.insert(std::move(name));
    }
    return names;
  };
  const auto image_names = sources_of(image_parameters(config, config.vision.layers));
  const auto text_names = naming == Naming::kTimm ? std::set<std::string>{} : sources_of(text_parameters(config));

  Problems problems;
  bool has_text = false;
  for (const auto& name : named.names()) {
    has_text = has_text || (text_names.contains(name) && name != "logit_scale");
    // timm's classifier has a bias, which in an exported CLIP is zero.
    const bool no_bias =
        naming == Naming::kTimm && name == "head.bias" && named.tensor(name).abs().max().item<float>() == 0;
    if (!image_names.contains(name) && !text_names.contains(name) && !is_no_weight(name) && !no_bias) {
      problems.unknown.push_back(fmt::format("'{}'", name));
    }
  }

  std::vector<ClipParameter> wanted = image_parameters(config, selection.last_block);
  if (selection.text && has_text) {
    for (auto& parameter : text_parameters(config)) wanted.push_back(std::move(parameter));
  }
  TensorMap weights;
  for (const auto& parameter : wanted) {
    const auto tensor = read(named, parameter, source_of(parameter.name, naming), problems);
    if (tensor) weights[parameter.name] = *tensor;
  }
  problems.raise_if_any(file.path());
  return weights;
}

}  // namespace normadd::networks
