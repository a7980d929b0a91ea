// SPDX-License-Identifier: Apache-2.0
#include "networks/embedding_file.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

#include "core/error.h"
#include "core/progress.h"
#include "core/utf8.h"
#include "imaging/codec.h"

namespace normadd::networks {
namespace {

constexpr std::size_t kBatch = 8;

at::Tensor image_embeddings(const Clip& clip, const std::vector<std::filesystem::path>& files) {
  const at::NoGradGuard no_gradients;
  if (files.empty()) return at::empty({0, clip.config().embedding});
  std::vector<at::Tensor> parts;
  core::Progress progress("image embeddings", files.size());
  for (std::size_t first = 0; first < files.size(); first += kBatch) {
    const std::size_t last = std::min(files.size(), first + kBatch);
    std::vector<imaging::Image> images;
    for (std::size_t i = first; i < last; ++i) images.push_back(imaging::read_image(files[i]));
    const at::Tensor part = clip.encode_image(preprocess(images, clip.preprocessing())).embedding;
    parts.push_back(part / part.norm(2, 1, /*keepdim=*/true));
    progress.advance(last - first);
  }
  return at::cat(parts);
}

}  // namespace

void write_embedding_file(const Clip& clip, const EmbeddingRequest& request, const std::filesystem::path& out) {
  if (request.images.empty() && request.texts.empty()) {
    throw core::ConfigError("there is nothing to embed", "",
                            "Name at least one picture with --image or text with --text.");
  }
  // Texts first: a text that is too long should not be found out after an hour of pictures.
  TensorMap tensors;
  if (request.texts.empty()) {
    tensors["tokens"] = at::empty({0, clip.config().context}, at::kLong);
    tensors["text"] = at::empty({0, clip.config().embedding});
  } else {
    tensors["tokens"] = clip.tokenize(request.texts, request.truncate);
    tensors["text"] = clip.text_embeddings(request.texts, request.truncate);
  }
  tensors["image"] = image_embeddings(clip, request.images);

  std::map<std::string, std::string> metadata{{"weights_sha256", clip.weights_sha256()}};
  for (std::size_t i = 0; i < request.images.size(); ++i) {
    metadata[fmt::format("image.{}", i)] = core::valid_utf8(request.images[i].filename().string());
  }
  write_safetensors(out, tensors, metadata);
}

}  // namespace normadd::networks
