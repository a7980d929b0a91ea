// SPDX-License-Identifier: Apache-2.0
#include "experiment/run_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <torch/version.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/atomic_file.h"
#include "core/day_folder.h"
#include "core/error.h"
#include "core/process_identity.h"
#include "experiment/hydra_section.h"

namespace normadd::experiment {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& file) {
  if (!fs::is_regular_file(file)) return "";
  const std::string text = core::read_file(file);
  return text.substr(0, text.find('\n'));
}

std::string packed_reference(const fs::path& git, const std::string& reference) {
  if (!fs::is_regular_file(git / "packed-refs")) return "";
  const std::string text = core::read_file(git / "packed-refs");
  const auto end = text.find(" " + reference + "\n");
  if (end == std::string::npos) return "";
  const auto line = text.rfind('\n', end);
  const auto begin = line == std::string::npos ? 0 : line + 1;
  return text.substr(begin, end - begin);
}

// Paths may hold any bytes, JSON only UTF-8.
std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "";
}

fs::path exclusive_folder(const Job& job, const std::tm& time) {
  if (job.run.dir) {
    const fs::path path = *job.run.dir;
    if (fs::exists(path) && !fs::is_empty(path)) {
      throw core::OutputError("the run folder exists and is not empty", path.string(),
                              "Choose another run.dir, or remove it first.");
    }
    core::make_directories(path);
    return path;
  }
  const fs::path day = core::day_folder(job.run.root, time);
  const std::string name = fmt::format("{:%H-%M-%S}_{}", time, job.id);
  for (int attempt = 1;; ++attempt) {
    const fs::path path = day / (attempt == 1 ? name : fmt::format("{}-{}", name, attempt));
    if (fs::exists(path)) continue;
    try {
      core::make_new_directory(path);
      return path;
    } catch (const core::OutputError&) {
      // Another process was faster: its folder exists now. Anything else is the user's to hear.
      if (!fs::exists(path)) throw;
    }
  }
}

fs::path private_folder(const fs::path& folder) {
  fs::path path = folder.parent_path() / core::private_name(folder.filename().string());
  core::make_new_directory(path);
  return path;
}

}  // namespace

RunFolder::RunFolder(fs::path path, fs::path final_path, std::string started)
    : path_(std::move(path)),
      final_path_(std::move(final_path)),
      started_(std::move(started)),
      start_(std::chrono::steady_clock::now()) {}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      final_path_(std::exchange(other.final_path_, {})),
      started_(std::move(other.started_)),
      start_(other.start_) {}

RunFolder::~RunFolder() {
  if (!path_.empty() && !is_visible()) discard();
}

RunFolder RunFolder::create(const Job& job, const Provenance& provenance, const fs::path& folder) {
  const std::tm time = core::local_time();
  const bool is_private = !folder.empty();
  const fs::path path = is_private ? private_folder(folder) : exclusive_folder(job, time);
  RunFolder made(path, is_private ? folder : path, fmt::format("{:%Y-%m-%dT%H:%M:%S%z}", time));
  try {
    made.freeze(job, provenance);
    if (!is_private) made.write_status("running");
  } catch (const core::Error&) {
    made.discard();
    throw;
  }
  return made;
}

void RunFolder::discard() noexcept {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void RunFolder::write_log(const std::string& lines) const { core::write_file_atomically(path_ / "log", lines); }

void RunFolder::appear() {
  if (is_visible()) return;
  std::error_code error;
  fs::rename(path_, final_path_, error);
  if (!error) {
    path_ = final_path_;
    return;
  }
  if (!fs::exists(final_path_)) {
    throw core::OutputError("cannot rename the finished run: " + error.message(), final_path_.string(),
                            "Check that the directory is writable.");
  }
  discard();
  path_ = final_path_;
}

void RunFolder::fail(const std::string& state, const std::string& error) noexcept {
  try {
    if (is_visible()) {
      write_status(state, error);
      return;
    }
  } catch (...) {
    // The disk may be full: a folder that cannot even say what happened helps nobody.
  }
  discard();
}

void RunFolder::freeze(const Job& job, const Provenance& provenance) const {
  config::List overrides;
  for (const auto& text : job.composed.overrides) overrides.emplace_back(text);
  core::write_file_atomically(path_ / ".hydra" / "config.yaml", config::to_yaml(job.composed.config));
  core::write_file_atomically(path_ / ".hydra" / "hydra.yaml",
                              config::to_yaml(hydra_section(job.composed, final_path_.string())));
  core::write_file_atomically(path_ / ".hydra" / "overrides.yaml",
                              config::to_yaml(config::Value(std::move(overrides))));
  core::write_file_atomically(path_ / "config.resolved.yaml", config::to_yaml(job.resolved));

  nlohmann::ordered_json manifest;
  manifest["run"] = job.id;
  manifest["identity"] = job.identity;
  manifest["started"] = started_;
  manifest["program_version"] = NORMADD_VERSION;
  manifest["git_commit"] = git_commit(provenance.home);
  manifest["libtorch_version"] = TORCH_VERSION;
  manifest["host"] = host_name();
  manifest["seed"] = job.options.seed;
  manifest["data_hash"] = provenance.data_hash;
  for (const auto& [category, counts] : provenance.images) {
    manifest["images"][category] = {{"train", counts.train},
                                    {"test_normal", counts.test_normal},
                                    {"test_anomalous", counts.test_anomalous},
                                    {"missing_masks", counts.missing_masks}};
    if (counts.picture_px) {
      manifest["images"][category]["picture_px"] = {counts.picture_px->width, counts.picture_px->height};
    }
  }
  manifest["weights_sha256"] = provenance.weights_sha256;
  manifest["prompts_sha256"] = provenance.prompts_sha256;
  for (const auto& [label, settings] : provenance.detectors) {
    manifest["detectors"][label] = nlohmann::ordered_json::parse(settings);
  }
  manifest["activation"] = provenance.activation;
  core::write_file_atomically(path_ / "manifest.json", json_text(manifest));
}

void RunFolder::write_status(const std::string& state, const std::string& error) const {
  nlohmann::ordered_json status;
  status["state"] = state;
  status["started"] = started_;
  status["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  status["host"] = host_name();
  status["process"] = ::getpid();
  if (!error.empty()) status["error"] = error;
  core::write_file_atomically(path_ / "status.json", json_text(status));
}

std::string git_commit(const fs::path& home) {
  const fs::path git = home / ".git";
  const std::string head = first_line(git / "HEAD");
  constexpr std::string_view kReference = "ref: ";
  if (head.rfind(kReference, 0) != 0) return head;
  const std::string reference = head.substr(kReference.size());
  const std::string loose = first_line(git / reference);
  return loose.empty() ? packed_reference(git, reference) : loose;
}

}  // namespace normadd::experiment
