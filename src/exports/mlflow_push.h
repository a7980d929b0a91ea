// SPDX-License-Identifier: Apache-2.0
// Finished runs to an MLflow server, whenever there is a network: what the server has already is left alone, what it
// lacks is added. So a push that was cut off is completed by another one. Runs are known by their tag run_uid.
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "exports/mlflow_client.h"
#include "reporting/run_listing.h"

namespace normadd::exports {

struct MlflowPushOptions {
  std::string experiment = "normadd";
  std::string user;       // of the tag mlflow.user, empty = none
  bool controls = false;  // also the numbers of control suppressions
};

struct MlflowPush {
  std::size_t num_runs = 0, num_parents = 0;  // looked at: runs of folders, and sweeps above them
  std::size_t num_created = 0, num_completed = 0, num_unchanged = 0;
  std::size_t num_metrics = 0, num_parameters = 0, num_files = 0;  // sent
  std::size_t num_undefined = 0;                                   // values that MLflow's JSON has no word for
  std::size_t num_cut = 0;                                         // parameters longer than the server takes
  std::set<std::string> notes;                                     // what could not be done, for people
};

/// Jobs of a sweep become children of one run for the sweep. Throws DataError for damaged folders before anything is
/// sent for them, MlflowError, http::Unreachable: what was sent until then stays and is not sent again.
MlflowPush push_mlflow(const reporting::RunListing& listing, const MlflowClient& client,
                       const MlflowPushOptions& options);

}  // namespace normadd::exports
