// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "config/options.h"
#include "config/override_grammar.h"
#include "core/error.h"
#include "core/hashing.h"
#include "core/log.h"
#include "core/nearest_name.h"
#include "datasets/dataset.h"
#include "imaging/codec.h"
#include "networks/clip.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "normadd/dataset_choice.h"
#include "normadd/home.h"
#include "normality/prompt_set.h"
#include "training/april_gan_training.h"
#include "training/clip_training.h"
#include "training/resnet_training.h"

namespace normadd::tools {
namespace {

std::optional<networks::Activation> activation_of(const std::string& name) {
  if (name == "auto") return std::nullopt;
  if (name == "gelu") return networks::Activation::kGelu;
  if (name == "quick_gelu") return networks::Activation::kQuickGelu;
  throw core::ConfigError(fmt::format("unknown activation '{}'", name), "--activation",
                          core::did_you_mean(name, {"auto", "gelu", "quick_gelu"}));
}

/// Defaults of the options struct, changed by key=value arguments.
template <typename OptionsType>
OptionsType options_from(const std::vector<std::string>& overrides) {
  config::MapEntries entries;
  std::vector<std::string> names;
  for (const auto& field : config::fields_of<OptionsType>()) {
    entries.emplace_back(field.name, field.default_value);
    names.push_back(field.name);
  }
  config::Value node(std::move(entries));
  for (const auto& text : overrides) {
    const config::Override override = config::parse_override(text);
    if (override.kind != config::OverrideKind::kChange ||
        std::find(names.begin(), names.end(), override.key) == names.end()) {
      throw core::ConfigError(fmt::format("there is no option '{}' ('{}')", override.key, text), "command line",
                              core::did_you_mean(override.key, names));
    }
    node.set(override.key, override.value());
  }
  return config::read_options<OptionsType>(node, "");
}

template <typename OptionsType>
std::string options_help() {
  std::string text = "\nOptions (key=value):\n";
  for (const auto& field : config::fields_of<OptionsType>()) {
    text +=
        fmt::format("  {:<22} {}{} (default: {})\n", field.name, field.help,
                    field.unit.empty() ? "" : fmt::format(", {}", field.unit), config::short_text(field.default_value));
  }
  return text;
}

cxxopts::Options train_options(const std::string& what, const std::string& help) {
  cxxopts::Options options("normadd train " + what, help);
  options.positional_help("[key=value ...]");
  // clang-format off
  options.add_options()
      ("out", "folder for the trained weights; an interrupted training goes on there", cxxopts::value<std::string>())
      ("overrides", "key=value", cxxopts::value<std::vector<std::string>>())
      ("h,help", "this text");
  // clang-format on
  options.parse_positional({"overrides"});
  return options;
}

/// A finished training is somebody's result; only an interrupted one, which has a checkpoint, goes on in its folder.
void refuse_finished(const std::filesystem::path& out, const std::string& result) {
  if (!std::filesystem::exists(out / result) || std::filesystem::exists(out / "checkpoint")) return;
  throw core::OutputError("the folder holds a finished training", (out / result).string(),
                          "Choose another --out, or remove the old one first.");
}

template <typename OptionsType, typename Train>
int train_from_nothing(const std::string& what, const std::string& help, const std::string& result,
                       const Arguments& arguments, Train train) {
  auto options = train_options(what, help);
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}{}", options.help(), options_help<OptionsType>());
    return 0;
  }
  const std::string out = required_flag(flags, "out");
  refuse_finished(out, result);
  train(options_from<OptionsType>(repeated_flag(flags, "overrides")), out);
  fmt::print("Wrote {}\n", out);
  return 0;
}

training::SampleSource test_split_of(const datasets::Dataset& dataset,
                                     std::vector<std::pair<const datasets::Category*, std::size_t>>& index) {
  for (const auto& category : dataset.categories) {
    if (!category.missing_masks.empty()) {
      core::log_warning(fmt::format("{}: {} images with defects have no mask and are left out", category.name,
                                    category.missing_masks.size()));
    }
    for (std::size_t i = 0; i < category.test.size(); ++i) {
      // A defect without a mask teaches nothing true about where it is.
      if (!category.test[i].anomalous() || category.test[i].mask) index.emplace_back(&category, i);
    }
  }
  return {index.size(), [&index](std::size_t i) {
            const datasets::Sample& sample = index[i].first->test[index[i].second];
            training::SegmentationSample result;
            result.image = imaging::read_image(sample.image);
            if (sample.mask) result.mask = imaging::read_mask(*sample.mask);
            result.category = index[i].first->name;
            return result;
          }};
}

/// Takes the overrides that speak of the dataset out of the others.
ChosenDataset auxiliary_dataset(const cxxopts::ParseResult& flags, std::vector<std::string>& overrides) {
  DatasetRequest request;
  const auto others = std::stable_partition(overrides.begin(), overrides.end(), is_dataset_override);
  request.overrides.assign(overrides.begin(), others);
  overrides.erase(overrides.begin(), others);
  if (flags.count("data") > 0) request.root = flags["data"].as<std::string>();
  if (flags.count("config-dir") > 0) request.config_folders.emplace_back(flags["config-dir"].as<std::string>());
  request.categories = comma_separated(flags, "categories");
  if (!request.root && request.overrides.empty()) {
    throw core::ConfigError("no dataset to train on is named", "--data",
                            "Give --data FOLDER, or dataset=NAME dataset.root=FOLDER.");
  }
  return choose_dataset(request);
}

int train_april_gan(const Arguments& arguments) {
  auto options = train_options("april-gan", "Trains the linear layers over a frozen CLIP on a dataset's test split.");
  options.positional_help("[dataset=NAME] [dataset.key=value ...] [key=value ...]");
  // clang-format off
  options.add_options()
      ("clip", "CLIP model folder", cxxopts::value<std::string>())
      ("data", "dataset folder, in any layout; or choose it as for 'normadd run': dataset=visa dataset.root=FOLDER",
       cxxopts::value<std::string>())
      ("categories", "comma-separated; default all", cxxopts::value<std::string>()->default_value(""))
      ("config-dir,cd", "further folder of configurations, searched first", cxxopts::value<std::string>())
      ("image-px", "input size; default the model's own", cxxopts::value<int>())
      ("activation", "auto, gelu or quick_gelu; APRIL-GAN's own layers were trained on OpenAI's weights with gelu",
       cxxopts::value<std::string>()->default_value("auto"));
  // clang-format on
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}{}", options.help(), options_help<training::AprilGanTrainingOptions>());
    return 0;
  }
  const std::string out = required_flag(flags, "out"), model = required_flag(flags, "clip");
  refuse_finished(out, "dense_layers.safetensors");
  auto overrides = repeated_flag(flags, "overrides");
  const auto chosen = auxiliary_dataset(flags, overrides);
  const auto training_options = options_from<training::AprilGanTrainingOptions>(overrides);
  const auto dataset = read_chosen(chosen);
  std::optional<int> image_px;
  if (flags.count("image-px") > 0) image_px = flags["image-px"].as<int>();
  const auto clip = networks::Clip::load(model, image_px, activation_of(flags["activation"].as<std::string>()));
  const auto states = normality::read_prompt_set(home() / "data" / "prompts" / "anomaly_states.yaml");
  const auto texts = [&](const std::string& category) {
    const auto pair = normality::texts_for(states, category, "anomaly");
    return training::StateTexts{pair.negative, pair.positive};
  };
  std::vector<std::pair<const datasets::Category*, std::size_t>> index;
  auto source = test_split_of(dataset, index);
  source.group = [&index](std::size_t i) {
    return training::SampleGroup{index[i].first->name, index[i].first->test[index[i].second].defect_type};
  };
  source.identity = fmt::format("{} {}", dataset.content_hash, core::xxh128_hex_of_file(states.file));
  training::train_april_gan(clip, source, texts, training_options, out);
  fmt::print("Wrote {}\n", out);
  return 0;
}

}  // namespace

int train_command(const Arguments& arguments) {
  const std::string what = arguments.empty() ? "" : arguments[0];
  const Arguments rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
  if (what == "clip") {
    return train_from_nothing<training::ClipTrainingOptions>("clip",
                                                             "Trains a small CLIP on procedural pictures and captions.",
                                                             "open_clip_model.safetensors", rest, training::train_clip);
  }
  if (what == "resnet") {
    return train_from_nothing<training::ResNetTrainingOptions>(
        "resnet", "Trains a small ResNet on procedural pictures.", "model.safetensors", rest, training::train_resnet);
  }
  if (what == "april-gan") return train_april_gan(rest);
  if (what == "-h" || what == "--help") {
    fmt::print("Usage: normadd train clip|resnet|april-gan [flags] [key=value ...]; each has --help.\n");
    return 0;
  }
  throw core::ConfigError("unknown verb 'train " + what + "'", "",
                          core::did_you_mean(what, {"clip", "resnet", "april-gan"}));
}

}  // namespace normadd::tools
