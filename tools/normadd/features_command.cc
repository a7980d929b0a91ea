// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/error.h"
#include "experiment/network_store.h"
#include "networks/feature_file.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "normadd/hub_environment.h"

namespace normadd::tools {

int features_command(const Arguments& arguments) {
  experiment::BackboneOptions backbone;
  cxxopts::Options options("normadd features",
                           "Writes a backbone's feature maps, one tensor INDEX.TAP per image and tap.");
  options.positional_help("[more images]");
  // clang-format off
  options.add_options()
      ("backbone", "resnet18, resnet50, wide_resnet50_2, micro_resnet, clip", cxxopts::value<std::string>())
      ("weights", "safetensors file, or the model folder for clip", cxxopts::value<std::string>())
      ("taps", "comma-separated layers", cxxopts::value<std::string>()->default_value("layer2,layer3"))
      ("resize", "target of the resize in pixels", cxxopts::value<int>()->default_value("256"))
      ("crop", "centre crop in pixels, 0 = none", cxxopts::value<int>()->default_value("224"))
      ("resize-mode", "shorter_side or squash", cxxopts::value<std::string>()->default_value("shorter_side"))
      ("filter", "nearest, bilinear, bicubic or lanczos", cxxopts::value<std::string>()->default_value("bilinear"))
      ("image", "an image file; repeat for more", cxxopts::value<std::vector<std::string>>())
      ("out", "safetensors file to write", cxxopts::value<std::string>())
      ("more", "further images", cxxopts::value<std::vector<std::string>>())
      ("h,help", "this text");
  // clang-format on
  options.parse_positional({"more"});
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help({""}));
    return 0;
  }
  backbone.name = required_flag(flags, "backbone");
  backbone.weights = required_flag(flags, "weights");
  const std::string out = required_flag(flags, "out");
  backbone.taps = comma_separated(flags, "taps");
  backbone.resize_px = flags["resize"].as<int>();
  backbone.crop_px = flags["crop"].as<int>();
  backbone.resize_mode = flags["resize-mode"].as<std::string>();
  backbone.filter = flags["filter"].as<std::string>();
  std::vector<std::filesystem::path> images;
  for (const auto& file : repeated_flag(flags, "image")) images.emplace_back(file);
  for (const auto& file : repeated_flag(flags, "more")) images.emplace_back(file);
  if (images.empty()) throw core::ConfigError("no image given", "--image", "Give one or more: --image FILE.");
  networks::write_feature_file(*experiment::NetworkStore(backbone, weight_places()).backbone({}), backbone.taps, images,
                               out);
  fmt::print("Wrote {} taps of {} images to {}\n", backbone.taps.size(), images.size(), out);
  return 0;
}

}  // namespace normadd::tools
