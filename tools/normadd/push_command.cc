// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/error.h"
#include "core/nearest_name.h"
#include "exports/mlflow_push.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "reporting/run_listing.h"

namespace normadd::tools {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// The flag, else the variable, else the default.
std::string chosen(const cxxopts::ParseResult& flags, const std::string& flag, const char* name,
                   const std::string& otherwise) {
  if (flags.count(flag) > 0) return flags[flag].as<std::string>();
  const std::string value = variable(name);
  return value.empty() ? otherwise : value;
}

cxxopts::Options mlflow_options() {
  cxxopts::Options options(
      "normadd push mlflow",
      "Sends finished runs to an MLflow server. What is there already is left alone, so that a push "
      "that was cut off is completed by the same command.");
  options.custom_help("[flags]");
  options.positional_help("FOLDER...   (runs, sweeps, or folders that hold them)");
  // clang-format off
  options.add_options()
      ("tracking-uri", "address of the server (default: MLFLOW_TRACKING_URI)", cxxopts::value<std::string>())
      ("experiment", "made where it is missing (default: MLFLOW_EXPERIMENT_NAME, else normadd)", cxxopts::value<std::string>())
      ("controls", "also the numbers of control suppressions")
      ("h,help", "this text")
      ("folders", "runs, sweeps, or folders that hold them", cxxopts::value<std::vector<std::string>>());
  // clang-format on
  options.parse_positional({"folders"});
  return options;
}

exports::MlflowServer server_of(const cxxopts::ParseResult& flags) {
  exports::MlflowServer server;
  server.tracking_uri = chosen(flags, "tracking-uri", "MLFLOW_TRACKING_URI", "");
  if (server.tracking_uri.empty()) {
    throw core::ConfigError("no server is named", "normadd push mlflow",
                            "Give --tracking-uri http://HOST:PORT, or set MLFLOW_TRACKING_URI.");
  }
  server.login = {variable("MLFLOW_TRACKING_TOKEN"), variable("MLFLOW_TRACKING_USERNAME"),
                  variable("MLFLOW_TRACKING_PASSWORD")};
  server.certificates = variable("MLFLOW_TRACKING_SERVER_CERT_PATH");
  return server;
}

void print_report(const exports::MlflowPush& report, const std::string& experiment, const std::string& uri) {
  fmt::print("{} runs{} in experiment '{}' on {}: {} new, {} completed, {} as they were\n", report.num_runs,
             report.num_parents > 0 ? fmt::format(" and {} sweeps above them", report.num_parents) : "", experiment,
             uri, report.num_created, report.num_completed, report.num_unchanged);
  fmt::print("sent: {} metrics, {} parameters, {} files\n", report.num_metrics, report.num_parameters,
             report.num_files);
  if (report.num_undefined > 0) fmt::print("left out: {} undefined values\n", report.num_undefined);
  if (report.num_cut > 0) fmt::print("cut: {} parameters longer than MLflow takes\n", report.num_cut);
  for (const auto& note : report.notes) fmt::print("note: {}\n", note);
}

int push_to_mlflow(const Arguments& arguments) {
  auto options = mlflow_options();
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print(
        "{}\nA login is read from MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and "
        "MLFLOW_TRACKING_PASSWORD.\n",
        options.help());
    return 0;
  }
  std::vector<std::filesystem::path> folders;
  for (const auto& folder : repeated_flag(flags, "folders")) folders.emplace_back(folder);
  if (folders.empty()) {
    throw core::ConfigError("no folder is named", "normadd push mlflow",
                            "Name runs or sweeps, e.g. normadd push mlflow results/runs/DATE/TIME_HASH.");
  }
  exports::MlflowPushOptions chosen_options;
  chosen_options.experiment = chosen(flags, "experiment", "MLFLOW_EXPERIMENT_NAME", "normadd");
  chosen_options.user = variable("USER");
  chosen_options.controls = flags.count("controls") > 0;
  const exports::MlflowClient client(server_of(flags));
  const auto listing = reporting::list_runs(folders, true);
  print_report(exports::push_mlflow(listing, client, chosen_options), chosen_options.experiment,
               http::public_url(client.tracking_uri()));
  if (listing.num_unfinished > 0) fmt::print("passed over: {} runs that are not done\n", listing.num_unfinished);
  return 0;
}

}  // namespace

int push_command(const Arguments& arguments) {
  const std::string what = arguments.empty() ? "" : arguments[0];
  const Arguments rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
  if (what == "mlflow") return push_to_mlflow(rest);
  if (what == "-h" || what == "--help") {
    fmt::print("Usage: normadd push mlflow [flags] FOLDER...; it has --help.\n");
    return 0;
  }
  throw core::ConfigError("unknown verb 'push " + what + "'", "", core::did_you_mean(what, {"mlflow"}));
}

}  // namespace normadd::tools
