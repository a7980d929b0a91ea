// SPDX-License-Identifier: Apache-2.0
// CLIP embeddings of pictures and texts as a file, so that anyone can hold ours against another implementation's.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "networks/clip.h"

namespace normadd::networks {

struct EmbeddingRequest {
  std::vector<std::filesystem::path> images;
  std::vector<std::string> texts;
  bool truncate = false;  // cut texts that are too long for the model instead of refusing them
};

/// Writes "image" [N, E] and "text" [M, E], L2-normalised float32, and "tokens" [M, context] int64, rows in the order
/// given (0 rows where nothing was), into a safetensors file, atomically. Metadata: the pictures' file names as
/// "image.<row>", the sha256 of the weights. Throws ConfigError when there is neither picture nor text or a text is too
/// long, WeightsError when texts are given but the model has no text tower, DataError naming an unreadable picture,
/// OutputError naming out.
void write_embedding_file(const Clip& clip, const EmbeddingRequest& request, const std::filesystem::path& out);

}  // namespace normadd::networks
