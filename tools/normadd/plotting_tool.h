// SPDX-License-Identifier: Apache-2.0
// The bundled Python tool, tools/plot_figures, which draws with matplotlib what reporting/figure_files.h wrote.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace normadd::tools {

class PlottingTool {
 public:
  /// python: a program or its path; empty = NORMADD_PYTHON, else python3. Throws ConfigError, saying how to get it,
  /// when that program or its matplotlib is missing.
  explicit PlottingTool(const std::string& python);

  /// Draws every figure of the folder's figures.json in these formats ("pdf", "png"). Throws OutputError with the
  /// tool's words when it fails.
  void draw(const std::filesystem::path& folder, const std::vector<std::string>& formats) const;

 private:
  std::string python_;
};

}  // namespace normadd::tools
