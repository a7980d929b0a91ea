// SPDX-License-Identifier: Apache-2.0
// Figures as files.
#pragma once

#include <filesystem>
#include <vector>

#include "reporting/figure.h"

namespace normadd::reporting {

/// Writes folder/NAME.csv for each, NAME.svg when with_svg, and figures.json, which describes all of them for programs
/// that draw the points anew; each atomically. Throws OutputError.
void write_figures(const std::filesystem::path& folder, const std::vector<Figure>& figures, bool with_svg);

}  // namespace normadd::reporting
