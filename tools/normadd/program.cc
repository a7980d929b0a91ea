// SPDX-License-Identifier: Apache-2.0
#include "normadd/program.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>

#include "core/error.h"
#include "core/nearest_name.h"
#include "normadd/commands.h"
#include "normadd/home.h"
#include "normadd/sweep_verbs.h"
#include "normadd/verbs.h"

namespace normadd::tools {
namespace {

constexpr Verb kVerbs[] = {
    {"run", "train or load a detector, add normality by text, write tables and pictures", run_command},
    {"status", "how a sweep gets on", status_command},
    {"resume", "continue a sweep", resume_command},
    {"retry", "run the failed jobs of a sweep again", retry_command},
    {"collect", "results of a sweep's jobs so far, as files and as a table", collect_command},
    {"cancel", "stop a sweep", cancel_command},
    {"task", "run jobs of a sweep; what launchers start", task_command},
    {"table", "compare runs: the configuration keys that differ as columns, means and deviations over seeds",
     table_command},
    {"report", "write runs as HTML that opens from disk: summary, tables, figures, pictures, provenance",
     report_command},
    {"plot", "figures of runs for papers: SVG, the points as CSV; PDF and PNG by matplotlib", plot_command},
    {"export", "tensorboard, dvc, mvtec-maps: finished runs as files of other programs", export_command},
    {"push", "mlflow: finished runs to a tracking server; again to complete or add", push_command},
    {"reproduce", "run an experiment of a paper and print ours, published and difference", reproduce_command},
    {"evaluate", "score anomaly maps of any tool: AUROC, AP, F1, AUPRO per category and defect type", evaluate_command},
    {"cache", "ls, gc, verify, rm: what stages have kept for later runs", cache_command},
    {"data", "demo: make the demo dataset; check: examine a dataset; splits: list the pairs", data_command},
    {"predict", "scores, maps and overlays of any pictures by a detector that a run has kept", predict_command},
    {"prompts", "generate: ask a language model; list: all prompt sets; show: the exact texts and token counts",
     prompts_command},
    {"embed", "image and text embeddings of a CLIP model as safetensors", embed_command},
    {"features", "feature maps of a backbone as safetensors", features_command},
    {"train", "clip, resnet or april-gan: train the small models and the linear layers", train_command},
    {"weights", "list, inspect, fetch: published weights by name, pinned by sha256", weights_command},
    {"validate", "check a configuration without running it", validate_command},
    {"config", "schema: the configuration as JSON Schema, for editors", config_command},
    {"completion", "bash, zsh or fish: what the shell needs to complete verbs, flags and overrides",
     completion_command},
};

std::string usage() {
  std::string text = "Usage: normadd VERB [flags] [key=value ...]\n\nVerbs:\n";
  for (const auto& verb : kVerbs) text += fmt::format("  {:<10} {}\n", verb.name, verb.help);
  text += "\nnormadd VERB --help tells more; normadd --version prints the version.\n";
  return text;
}

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0] == "-h" || arguments[0] == "--help" || arguments[0] == "help") {
    fmt::print("{}", usage());
    return arguments.empty() ? 2 : 0;
  }
  if (arguments[0] == "--version") {
    fmt::print("normadd {}\n", NORMADD_VERSION);
    return 0;
  }
  std::vector<std::string> names;
  for (const auto& verb : kVerbs) {
    if (arguments[0] == verb.name) return verb.run({arguments.begin() + 1, arguments.end()});
    names.emplace_back(verb.name);
  }
  throw core::ConfigError(fmt::format("unknown verb '{}'", arguments[0]), "", core::did_you_mean(arguments[0], names));
}

int out_of_memory() {
  fmt::print(stderr, "normadd: out of memory\n  Use fewer images, smaller maps or a smaller detector.coreset_ratio.\n");
  return 2;
}

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

int run_program(const std::vector<std::string>& arguments) {
  try {
    publish_home();
    return dispatch(arguments);
  } catch (const core::Error& error) {
    fmt::print(stderr, "normadd: {}\n", error.what());
    return error.exit_code();
  } catch (const std::filesystem::filesystem_error& error) {
    fmt::print(stderr, "normadd: {}: {}\n  Check the path and its permissions.\n", error.path1().string(),
               error.code().message());
    return 2;
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::exception& error) {
    const std::string text = error.what();
    // LibTorch's allocator has an exception of its own.
    if (text.find("DefaultCPUAllocator") != std::string::npos) return out_of_memory();
    fmt::print(stderr,
               "normadd: internal error: {}\n  This is a bug; please report it with the command that led here.\n",
               text.substr(0, text.find('\n')));
    return 3;
  }
}

}  // namespace normadd::tools
