// SPDX-License-Identifier: Apache-2.0
// The style and the script of report pages, compiled into the program: a report needs no files of the installation.
#pragma once

#include <string_view>

namespace normadd::reporting {

std::string_view report_style();   // src/reporting/assets/report.css
std::string_view report_script();  // src/reporting/assets/report.js

}  // namespace normadd::reporting
