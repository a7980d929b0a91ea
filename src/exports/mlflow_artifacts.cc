// SPDX-License-Identifier: Apache-2.0
#include "exports/mlflow_artifacts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/atomic_file.h"
#include "core/hashing.h"
#include "exports/safe_names.h"

namespace normadd::exports {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view kProxied = "mlflow-artifacts:";

void add_file(const fs::path& path, const std::string& name, std::vector<ArtifactFile>& files) {
  if (fs::is_regular_file(fs::symlink_status(path))) files.push_back({name, path});
}

void add_folder(const fs::path& folder, const std::string& name, std::vector<ArtifactFile>& files) {
  if (!fs::is_directory(folder)) return;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  UniqueKeys names;
  for (const auto& path : found) {
    // The ending says how the server shows it, so it stays the last thing.
    const std::string ending = safe_part(path.extension().string() + "x", Alphabet::kPlain, 24);
    std::string stem = safe_part(path.stem().string(), Alphabet::kPlain);
    const std::string whole = fmt::format("{}/{}{}", name, stem, ending.substr(0, ending.size() - 1));
    add_file(path, names.add(whole, path.filename().string()), files);
  }
}

/// Sizes by name, of one folder of the run.
void list_folder(const MlflowClient& client, const std::string& run_id, const std::string& folder,
                 std::map<std::string, std::uint64_t>& sizes) {
  std::string page;
  do {
    std::vector<std::pair<std::string, std::string>> query{{"run_id", run_id}};
    if (!folder.empty()) query.emplace_back("path", folder);
    if (!page.empty()) query.emplace_back("page_token", page);
    const json answer = json::parse(client.get("/api/2.0/mlflow/artifacts/list", query), nullptr, false);
    if (!answer.is_object()) return;
    for (const auto& file : answer.value("files", json::array())) {
      const auto size = file.find("file_size");
      if (!file.contains("path") || !file["path"].is_string() || size == file.end()) continue;
      const std::string text = size->is_string() ? size->get<std::string>() : size->dump();
      sizes[file["path"].get<std::string>()] = std::strtoull(text.c_str(), nullptr, 10);
    }
    const auto next = answer.find("next_page_token");
    page = next != answer.end() && next->is_string() ? next->get<std::string>() : "";
  } while (!page.empty());
}

std::string folder_of(const std::string& name) {
  const auto slash = name.rfind('/');
  return slash == std::string::npos ? "" : name.substr(0, slash);
}

/// "mlflow-artifacts://HOST/1/a/artifacts" and "mlflow-artifacts:/1/a/artifacts" without scheme and host.
std::string path_of(const std::string& uri) {
  std::string rest = uri.substr(kProxied.size());
  if (rest.starts_with("//")) rest = rest.substr(std::min(rest.size(), rest.find('/', 2)));
  while (rest.starts_with('/')) rest.erase(0, 1);
  return rest;
}

}  // namespace

std::vector<ArtifactFile> run_artifacts(const fs::path& folder) {
  std::vector<ArtifactFile> files;
  for (const char* name :
       {"metrics.csv", "scores.csv", "config.resolved.yaml", "manifest.json", "status.json", "log"}) {
    add_file(folder / name, name, files);
  }
  for (const char* name : {"config.yaml", "hydra.yaml", "overrides.yaml"}) {
    add_file(folder / ".hydra" / name, fmt::format("hydra/{}", name), files);
  }
  for (const char* name : {"tables", "images", "figures", "curves"}) add_folder(folder / name, name, files);
  return files;
}

std::vector<ArtifactFile> sweep_artifacts(const fs::path& folder) {
  std::vector<ArtifactFile> files;
  for (const char* name : {"sweep.json", "multirun.yaml", "jobs.jsonl", "table.txt", "metrics.csv"}) {
    add_file(folder / name, name, files);
  }
  return files;
}

std::string artifacts_fingerprint(const std::vector<ArtifactFile>& files) {
  std::string text;
  for (const auto& file : files) text += fmt::format("{} {}\n", core::xxh128_hex_of_file(file.path), file.name);
  return core::xxh128_hex(text);
}

std::string artifact_obstacle(const MlflowClient& client, const std::string& uri) {
  if (!uri.starts_with(kProxied)) {
    return fmt::format("the server's store '{}' takes files only directly; start it with --serve-artifacts",
                       cut_text(http::public_url(uri), 100));
  }
  const std::string rest = uri.substr(kProxied.size());
  if (!rest.starts_with("//")) return "";
  const std::string& own = client.tracking_uri();
  const std::string host = rest.substr(2, rest.find('/', 2) - 2);
  if (!host.empty() && !client.is_own(own.substr(0, own.find("://") + 3) + host)) {
    return fmt::format("the server's store is on another host, {}, where the login must not go", cut_text(host, 100));
  }
  return "";
}

std::size_t send_artifacts(const MlflowClient& client, const std::string& run_id, const std::string& uri,
                           const std::vector<ArtifactFile>& files, bool all) {
  std::map<std::string, std::uint64_t> sizes;
  if (!all) {
    std::set<std::string> folders;
    for (const auto& file : files) folders.insert(folder_of(file.name));
    for (const auto& folder : folders) list_folder(client, run_id, folder, sizes);
  }
  std::size_t num_sent = 0;
  for (const auto& file : files) {
    const auto there = sizes.find(file.name);
    if (there != sizes.end() && there->second == fs::file_size(file.path)) continue;
    client.put(fmt::format("/api/2.0/mlflow-artifacts/artifacts/{}/{}", path_of(uri), file.name),
               core::read_file(file.path));
    ++num_sent;
  }
  return num_sent;
}

}  // namespace normadd::exports
