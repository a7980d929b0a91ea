// SPDX-License-Identifier: Apache-2.0
// What a report says of one run, read from its folder alone.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "reporting/picture_records.h"
#include "reporting/run_listing.h"
#include "reporting/run_metrics.h"
#include "reporting/worst_errors.h"

namespace normadd::reporting {

/// The panel of a pair; without record the picture is shown as it is.
struct ReportedPanel {
  std::string category, added;
  std::string picture;  // in the run's images/
  bool has_record = false;
  PanelRecord record;
};

struct ReportedRun {
  const ListedRun* listed = nullptr;
  std::string name;    // id in tables; the folder's name where it has none
  RunMetrics metrics;  // with intervals
  std::vector<ReportedPanel> panels;
  std::vector<DetectorErrors> errors;
  std::map<std::pair<std::string, std::string>, std::string> thumbnails;  // (category, image) -> file in images/
  /// The folder of its pictures within the report, "images/NAME"; set by whoever copies them.
  std::string pictures;

  /// A key of the resolved configuration as text; empty where there is none.
  std::string setting(const std::string& key) const;
  /// Of each detector the first cell that is no control, detectors in the order of the file.
  std::vector<const CellNumbers*> leading_cells() const;
};

/// Throws DataError naming the file that is damaged.
ReportedRun read_reported_run(const ListedRun& listed);

}  // namespace normadd::reporting
