// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/error.h"
#include "networks/clip.h"
#include "networks/embedding_file.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "normadd/hub_environment.h"
#include "weights/find_weights.h"

namespace normadd::tools {

int embed_command(const Arguments& arguments) {
  cxxopts::Options options("normadd embed",
                           "Writes L2-normalised CLIP embeddings of images and texts, and the texts' tokens.");
  // clang-format off
  options.add_options()
      ("model", "CLIP model folder, or the name of a weight card", cxxopts::value<std::string>())
      ("image", "an image file; repeat for more", cxxopts::value<std::vector<std::string>>())
      ("text", "a text; repeat for more", cxxopts::value<std::vector<std::string>>())
      ("truncate", "cut texts that are too long instead of refusing them")
      ("out", "safetensors file to write", cxxopts::value<std::string>())
      ("h,help", "this text");
  // clang-format on
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const std::string model = required_flag(flags, "model"), out = required_flag(flags, "out");
  networks::EmbeddingRequest request;
  for (const auto& file : repeated_flag(flags, "image")) request.images.emplace_back(file);
  request.texts = repeated_flag(flags, "text");
  request.truncate = flags.count("truncate") > 0;
  const auto found = weights::find_clip_weights(model, weight_places());
  networks::write_embedding_file(networks::Clip::load(found.parts), request, out);
  fmt::print("Wrote {} image and {} text embeddings to {}\n", request.images.size(), request.texts.size(), out);
  return 0;
}

}  // namespace normadd::tools
