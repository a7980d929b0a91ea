// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <span>

#include "core/error.h"
#include "core/log.h"
#include "core/progress.h"
#include "experiment/prediction.h"
#include "experiment/runner.h"
#include "experiment/saved_model.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "normadd/home.h"
#include "normadd/input_images.h"
#include "normadd/installation.h"
#include "normadd/prediction_outputs.h"

namespace normadd::tools {
namespace {

cxxopts::Options predict_options() {
  cxxopts::Options options("normadd predict",
                           "Scores pictures with a detector that a run has kept; one line of JSON per picture.");
  options.custom_help("[flags]");
  options.positional_help("MODEL IMAGES... [key=value ...]");
  // clang-format off
  options.add_options()
      ("category", "of the run's detectors when MODEL is a run folder", cxxopts::value<std::string>())
      ("detector", "label of one of the run's several detectors", cxxopts::value<std::string>())
      ("threshold", "also say whether the score reaches this", cxxopts::value<double>())
      ("maps", "folder for the anomaly maps, float32 TIFF", cxxopts::value<std::string>())
      ("resolution", "of the maps: image = over the whole picture, map = as the detector gives them",
       cxxopts::value<std::string>()->default_value("image"))
      ("overlays", "folder for the pictures with their maps in colour, PNG", cxxopts::value<std::string>())
      ("range", "LOW,HIGH of the overlays' colours; default 0 to the highest value of all pictures",
       cxxopts::value<std::string>())
      ("added", "a defect type that counts as normal", cxxopts::value<std::string>())
      ("prompts", "with --added: the prompt set that describes it; default the run's first",
       cxxopts::value<std::string>())
      ("config-name,cn", "configuration of a detector that lies outside its run's folder", cxxopts::value<std::string>())
      ("config-path,cp", "with -cn: folder of configurations instead of the program's own",
       cxxopts::value<std::string>())
      ("config-dir,cd", "with -cn: further folder of configurations, searched first", cxxopts::value<std::string>())
      ("q,quiet", "only warnings and the result")
      ("h,help", "this text")
      ("what", "MODEL: a saved detector or a run folder; IMAGES: files, folders, '-' = a list on standard input",
       cxxopts::value<std::vector<std::string>>());
  // clang-format on
  options.parse_positional({"what"});
  return options;
}

std::optional<std::string> optional_flag(const cxxopts::ParseResult& flags, const std::string& name) {
  return flags.count(name) > 0 ? std::optional(flags[name].as<std::string>()) : std::nullopt;
}

/// A path may hold '=' too, but then it exists.
bool is_override(const std::string& argument) {
  return argument.find('=') != std::string::npos && !std::filesystem::exists(argument);
}

std::optional<std::pair<float, float>> range_of(const cxxopts::ParseResult& flags) {
  if (flags.count("range") == 0) return std::nullopt;
  std::vector<float> ends;
  for (const auto& part : comma_separated(flags, "range")) {
    std::size_t used = 0;
    try {
      ends.push_back(std::stof(part, &used));
    } catch (const std::exception&) {
      used = 0;
    }
    if (used != part.size()) ends.clear();
  }
  if (ends.size() != 2 || !std::isfinite(ends[0]) || !std::isfinite(ends[1]) || !(ends[0] < ends[1])) {
    throw core::ConfigError(fmt::format("'{}' is no range", flags["range"].as<std::string>()), "--range",
                            "Give two ascending numbers, e.g. --range 0,40.");
  }
  return std::pair(ends[0], ends[1]);
}

std::optional<config::ComposedConfig> given_config(const cxxopts::ParseResult& flags,
                                                   const std::vector<std::string>& overrides) {
  if (flags.count("config-name") == 0) {
    for (const char* name : {"config-path", "config-dir"}) {
      if (flags.count(name) == 0) continue;
      throw core::ConfigError("without a configuration's name there is nothing to look for there",
                              fmt::format("--{}", name), "Give --config-name too.");
    }
    return std::nullopt;
  }
  config::ComposeRequest request;
  if (const auto folder = optional_flag(flags, "config-dir")) request.search_paths.emplace_back(*folder);
  request.search_paths.push_back(optional_flag(flags, "config-path").value_or((home() / "configs").string()));
  request.config_name = flags["config-name"].as<std::string>();
  request.overrides = overrides;
  return config::compose(request);
}

/// What is asked for, apart from the model.
struct Outputs {
  std::optional<double> threshold;
  std::optional<MapWriter> maps;
  std::optional<OverlayWriter> overlays;
};

class Predictor {
 public:
  Predictor(const experiment::LoadedModel& model, const std::vector<InputImage>& images, Outputs& outputs)
      : model_(model), images_(images), outputs_(outputs) {}

  /// The number of pictures that could not be scored.
  std::size_t run() {
    const auto batch = static_cast<std::size_t>(model_.job.run.batch_size);
    core::Progress progress("predict", images_.size());
    for (std::size_t begin = 0; begin < images_.size(); begin += batch) {
      const std::size_t end = std::min(begin + batch, images_.size());
      if (!predict(begin, end)) {
        // One of them is bad: the others shall have their scores.
        for (std::size_t i = begin; i < end; ++i) predict(i, i + 1);
      }
      std::fflush(stdout);
      progress.advance(end - begin);
    }
    return num_failed_;
  }

 private:
  /// False when pictures of a batch of several could not be scored, and then nothing has been said.
  bool predict(std::size_t begin, std::size_t end) {
    std::vector<std::filesystem::path> files;
    std::vector<std::string> ids;
    for (std::size_t i = begin; i < end; ++i) {
      files.push_back(images_[i].file);
      ids.push_back(images_[i].id);
    }
    std::vector<experiment::ScoredPrediction> scored;
    try {
      scored = experiment::predict_images(*model_.detector, files, ids);
    } catch (const core::DataError& error) {
      if (end - begin > 1) return false;
      nlohmann::ordered_json line{{"path", files.front().string()}};
      line["error"] = error.message();
      if (!error.where().empty() && error.where() != files.front().string()) line["where"] = error.where();
      say(line);
      ++num_failed_;
      return true;
    }
    for (std::size_t i = begin; i < end; ++i) say(line_of(i, scored[i - begin]));
    return true;
  }

  nlohmann::ordered_json line_of(std::size_t image, const experiment::ScoredPrediction& scored) {
    nlohmann::ordered_json line{{"path", images_[image].file.string()}};
    line["score"] = scored.score;
    line["native_score"] = scored.prediction.score;
    if (outputs_.threshold) line["anomalous"] = scored.score >= *outputs_.threshold;
    if (outputs_.maps) line["map"] = outputs_.maps->write(image, scored.prediction).string();
    if (outputs_.overlays) line["overlay"] = outputs_.overlays->add(image, scored.prediction).string();
    return line;
  }

  static void say(const nlohmann::ordered_json& line) {
    // Paths may hold any bytes, JSON only UTF-8.
    fmt::print("{}\n", line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  }

  const experiment::LoadedModel& model_;
  const std::vector<InputImage>& images_;
  Outputs& outputs_;
  std::size_t num_failed_ = 0;
};

std::optional<experiment::AddedType> added_type(const cxxopts::ParseResult& flags) {
  if (flags.count("added") > 0)
    return experiment::AddedType{flags["added"].as<std::string>(), optional_flag(flags, "prompts")};
  if (flags.count("prompts") > 0) {
    throw core::ConfigError("a prompt set describes a type, and none is named", "--prompts", "Give --added TYPE too.");
  }
  return std::nullopt;
}

}  // namespace

int predict_command(const Arguments& arguments) {
  auto options = predict_options();
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}\n-cn, -cp and -cd are short for --config-name, --config-path and --config-dir.\n", options.help());
    return 0;
  }
  std::vector<std::string> paths, overrides;
  for (const auto& argument : repeated_flag(flags, "what"))
    (is_override(argument) ? overrides : paths).push_back(argument);
  if (paths.empty()) {
    throw core::ConfigError("no detector is named", "", "Usage: normadd predict MODEL IMAGES... [flags]");
  }
  const std::string resolution = flags["resolution"].as<std::string>();
  if (resolution != "image" && resolution != "map") {
    throw core::ConfigError(fmt::format("there is no resolution '{}'", resolution), "--resolution",
                            "Say image or map.");
  }
  core::set_quiet(flags.count("quiet") > 0);
  if (flags.count("quiet") > 0) core::Progress::set_enabled(false);

  Outputs outputs;
  const auto range = range_of(flags);
  const auto added = added_type(flags);
  if (flags.count("threshold") > 0) outputs.threshold = flags["threshold"].as<double>();
  const auto images = input_images({paths.begin() + 1, paths.end()}, std::cin);
  if (const auto folder = optional_flag(flags, "maps")) outputs.maps.emplace(images, *folder, resolution == "image");
  if (const auto folder = optional_flag(flags, "overlays")) {
    outputs.overlays.emplace(images, *folder, range, outputs.threshold);
  }
  const auto model =
      experiment::load_model({paths.front(), optional_flag(flags, "category"), optional_flag(flags, "detector"),
                              given_config(flags, overrides), overrides, installation()},
                             added);
  experiment::set_threads(model.job.options.threads);
  const std::size_t num_failed = Predictor(model, images, outputs).run();
  if (outputs.overlays) outputs.overlays->finish();
  if (num_failed > 0) core::log_warning(fmt::format("{} of {} pictures have no score", num_failed, images.size()));
  return num_failed > 0 ? 1 : 0;
}

}  // namespace normadd::tools
