// SPDX-License-Identifier: Apache-2.0
#include "normadd/plotting_tool.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "core/error.h"
#include "core/subprocess.h"
#include "normadd/home.h"

namespace normadd::tools {
namespace {

std::filesystem::path tool_folder() { return home() / "tools" / "plot_figures"; }

std::string chosen(const std::string& python) {
  if (!python.empty()) return python;
  const char* variable = std::getenv("NORMADD_PYTHON");
  return variable != nullptr && *variable != '\0' ? variable : "python3";
}

}  // namespace

PlottingTool::PlottingTool(const std::string& python) : python_(chosen(python)) {
  // The first import may build a cache of all fonts.
  core::SubprocessRequest request;
  request.command = {python_, "-c", "import matplotlib"};
  request.limit = std::chrono::minutes(2);
  const auto result = core::run_subprocess(request);
  if (!result.found) {
    throw core::ConfigError(fmt::format("pdf and png are drawn by Python, and there is no program '{}'", python_),
                            "--format", "Name one by --python PATH or NORMADD_PYTHON; svg needs none.");
  }
  if (result.ok()) return;
  throw core::ConfigError(fmt::format("pdf and png are drawn by matplotlib, which '{}' cannot import", python_),
                          "--format",
                          fmt::format("Install it: {} -m pip install -r {}; or name another Python by --python PATH.",
                                      python_, (tool_folder() / "requirements.txt").string()));
}

void PlottingTool::draw(const std::filesystem::path& folder, const std::vector<std::string>& formats) const {
  core::SubprocessRequest request;
  request.command = {python_, (tool_folder() / "plot_figures.py").string(), std::filesystem::absolute(folder).string()};
  request.command.insert(request.command.end(), formats.begin(), formats.end());
  request.limit = std::chrono::minutes(30);
  const auto result = core::run_subprocess(request);
  if (result.ok()) return;
  throw core::OutputError(
      fmt::format("the figures cannot be drawn as pdf or png: {}",
                  result.timed_out ? "no end after 30 minutes" : result.words()),
      folder.string(), "Their SVG and CSV are complete; is the matplotlib as in tools/plot_figures/requirements.txt?");
}

}  // namespace normadd::tools
