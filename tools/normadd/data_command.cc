// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/nearest_name.h"
#include "datasets/check.h"
#include "datasets/dataset.h"
#include "datasets/layout_guess.h"
#include "datasets/normality_addition.h"
#include "datasets/procedural.h"
#include "experiment/dataset_readers.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "normadd/dataset_choice.h"

namespace normadd::tools {
namespace {

int demo(const Arguments& arguments) {
  datasets::DemoOptions demo;
  cxxopts::Options options("normadd data demo", "Makes the procedural demo dataset in MVTec AD's layout.");
  // clang-format off
  options.add_options()
      ("root", "where to write it", cxxopts::value<std::string>()->default_value("data/demo"))
      ("seed", "seed of the whole dataset", cxxopts::value<std::uint64_t>(demo.seed))
      ("side", "image side in pixels", cxxopts::value<int>(demo.side_px))
      ("train-good", "training images per category", cxxopts::value<int>(demo.train_good))
      ("test-good", "good test images per category", cxxopts::value<int>(demo.test_good))
      ("test-per-type", "test images per defect type", cxxopts::value<int>(demo.test_per_type))
      ("h,help", "this text");
  // clang-format on
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const auto root = flags["root"].as<std::string>();
  const bool written = datasets::write_demo_dataset(root, demo);
  fmt::print("{} (seed {}) {}\n", written ? "Wrote the demo dataset" : "The demo dataset is already there", demo.seed,
             root);
  return 0;
}

cxxopts::Options dataset_options(const std::string& verb, const std::string& help) {
  cxxopts::Options options("normadd data " + verb, help);
  options.positional_help("ROOT [dataset.key=value ...]");
  // clang-format off
  options.add_options()
      ("root", "the dataset's folder, or a manifest (CSV)", cxxopts::value<std::string>())
      ("layout", fmt::format("{}; default: guessed", fmt::join(datasets::layout_names(), ", ")),
       cxxopts::value<std::string>())
      ("categories", "comma-separated; default all", cxxopts::value<std::string>()->default_value(""))
      ("config-dir,cd", "further folder of configurations, searched first", cxxopts::value<std::string>())
      ("json", "machine-readable output")
      ("overrides", "dataset=NAME, dataset.key=value: as for 'normadd run'", cxxopts::value<std::vector<std::string>>())
      ("h,help", "this text");
  // clang-format on
  options.parse_positional({"root", "overrides"});
  return options;
}

ChosenDataset dataset_of(const cxxopts::ParseResult& flags) {
  DatasetRequest request;
  request.overrides = repeated_flag(flags, "overrides");
  if (flags.count("root") > 0) {
    // Without ROOT the first override stands in its place.
    const auto root = flags["root"].as<std::string>();
    if (is_dataset_override(root)) {
      request.overrides.insert(request.overrides.begin(), root);
    } else {
      request.root = root;
    }
  }
  for (const auto& text : request.overrides) {
    if (is_dataset_override(text)) continue;
    throw core::ConfigError(fmt::format("'{}' is one argument too many", text), "",
                            text.find('=') == std::string::npos ? "See --help of this verb."
                                                                : fmt::format("Did you mean dataset.{}?", text));
  }
  if (flags.count("layout") > 0) request.layout = flags["layout"].as<std::string>();
  if (flags.count("config-dir") > 0) request.config_folders.emplace_back(flags["config-dir"].as<std::string>());
  request.categories = comma_separated(flags, "categories");
  return choose_dataset(request);
}

void tell_guess(const ChosenDataset& chosen) {
  if (chosen.guessed) fmt::print(stderr, "Layout: {} (guessed; --layout names another)\n", chosen.layout);
}

int check(const Arguments& arguments) {
  auto options = dataset_options("check", "Names every missing, extra, unreadable or mis-sized file.");
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const auto chosen = dataset_of(flags);
  std::vector<datasets::Finding> findings;
  with_guess_explained(chosen, [&] { findings = experiment::check_dataset(chosen.node); });
  tell_guess(chosen);
  std::size_t num_errors = 0;
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const auto& finding : findings) {
    const bool is_error = finding.severity == datasets::Severity::kError;
    num_errors += is_error ? 1 : 0;
    if (flags.count("json") > 0) {
      json.push_back(
          {{"severity", is_error ? "error" : "warning"}, {"path", finding.path}, {"message", finding.message}});
    } else {
      fmt::print("{:<8} {}: {}\n", is_error ? "error" : "warning", finding.path, finding.message);
    }
  }
  if (flags.count("json") > 0) {
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}: {} errors, {} warnings\n", chosen.node.find("root")->as_string(), num_errors,
               findings.size() - num_errors);
  }
  return num_errors > 0 ? 2 : 0;
}

int splits(const Arguments& arguments) {
  auto options = dataset_options("splits", "Lists the normality-addition pairs: category, added type, image counts.");
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const auto chosen = dataset_of(flags);
  datasets::Dataset dataset;
  with_guess_explained(chosen, [&] { dataset = experiment::read_dataset(chosen.node); });
  tell_guess(chosen);
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  if (flags.count("json") == 0)
    fmt::print("{:<14} {:<26} {:>5} {:>6} {:>9}\n", "category", "added", "good", "added", "retained");
  std::size_t num_pairs = 0;
  for (const auto& category : dataset.categories) {
    const auto pairs = datasets::pairs_of(category);
    if (pairs.empty()) fmt::print(stderr, "{}: no pair, since no other defect type would remain\n", category.name);
    for (const auto& pair : pairs) {
      std::size_t counts[3] = {0, 0, 0};
      for (const auto& sample : category.test) ++counts[static_cast<int>(datasets::role_of(sample, pair))];
      ++num_pairs;
      if (flags.count("json") > 0) {
        json.push_back({{"category", pair.category},
                        {"added", pair.added},
                        {"combined", pair.combined},
                        {"num_good", counts[0]},
                        {"num_added", counts[1]},
                        {"num_retained", counts[2]}});
      } else {
        fmt::print("{:<14} {:<26} {:>5} {:>6} {:>9}\n", pair.category, pair.added + (pair.combined ? " *" : ""),
                   counts[0], counts[1], counts[2]);
      }
    }
  }
  if (flags.count("json") > 0) {
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{} pairs in {} categories (* = mixes several defects)\n", num_pairs, dataset.categories.size());
  }
  return 0;
}

}  // namespace

int data_command(const Arguments& arguments) {
  const std::string verb = arguments.empty() ? "" : arguments[0];
  const Arguments rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
  if (verb == "demo") return demo(rest);
  if (verb == "check") return check(rest);
  if (verb == "splits") return splits(rest);
  if (verb == "-h" || verb == "--help") {
    fmt::print("Usage: normadd data demo|check|splits [flags]; normadd data VERB --help tells more.\n");
    return 0;
  }
  throw core::ConfigError("unknown verb 'data " + verb + "'", "",
                          core::did_you_mean(verb, {"demo", "check", "splits"}));
}

}  // namespace normadd::tools
