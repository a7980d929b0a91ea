// SPDX-License-Identifier: Apache-2.0
// Files of a run on an MLflow server that passes them on to its store (mlflow-artifacts:).
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "exports/mlflow_client.h"

namespace normadd::exports {

struct ArtifactFile {
  std::string name;  // on the server: "tables/pairs.csv"
  std::filesystem::path path;
};

/// What people want to see of a run: metrics.csv, scores.csv, its configuration and manifest, tables, figures, panels.
/// Saved models and maps stay where they are. In a fixed order.
std::vector<ArtifactFile> run_artifacts(const std::filesystem::path& folder);
/// Of a sweep's own folder.
std::vector<ArtifactFile> sweep_artifacts(const std::filesystem::path& folder);

/// Hash of names and contents.
std::string artifacts_fingerprint(const std::vector<ArtifactFile>& files);

/// Sends the files that the server lacks or has in another size, or all of them. Returns how many. uri: the run's
/// artifact_uri. Throws what the client does.
std::size_t send_artifacts(const MlflowClient& client, const std::string& run_id, const std::string& uri,
                           const std::vector<ArtifactFile>& files, bool all);

/// Why files cannot go to this artifact_uri; empty when they can.
std::string artifact_obstacle(const MlflowClient& client, const std::string& uri);

}  // namespace normadd::exports
