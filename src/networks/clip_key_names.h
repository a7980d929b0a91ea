// SPDX-License-Identifier: Apache-2.0
// The names that a CLIP file may use for its tensors, and how each becomes the canonical (open_clip) one.
// Source: the state dictionaries of mlfoundations/open_clip, openai/CLIP, Hugging Face transformers' CLIPModel, timm's
// vision transformer.
#pragma once

#include "networks/clip_config.h"
#include "networks/safetensors.h"

namespace normadd::networks {

/// What load_clip_weights should look for.
struct ClipSelection {
  int last_block = 0;  // of the image tower
  bool text = true;    // with the text tower; a file that has none at all is then still fine
};

/// Reads the selected tensors as float32 under canonical names. Recognises open_clip and OpenAI names, the same with
/// the text tower under "text.", Hugging Face's and timm's (image tower only), each with an optional "module." or
/// "state_dict." before. Throws WeightsError listing every missing, misshapen and unknown tensor; the file's buffers
/// that are no weights are dropped.
TensorMap load_clip_weights(const SafetensorsFile& file, const ClipConfig& config, const ClipSelection& selection);

}  // namespace normadd::networks
