// SPDX-License-Identifier: Apache-2.0
// A run's folder: results/runs/DATE/TIME_HASH with the frozen configuration, provenance and status. The folder is the
// truth. Every file in it is written whole or not at all.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "experiment/job.h"
#include "imaging/image.h"

namespace normadd::experiment {

/// How many images of a category took part.
struct ImageCounts {
  std::size_t train = 0, test_normal = 0, test_anomalous = 0;
  std::size_t missing_masks = 0;            // of the anomalous ones: they are left out of pixel metrics
  std::optional<imaging::Size> picture_px;  // of the first training picture, where that is a PNG
};

/// Facts about a run that are not in its configuration.
struct Provenance {
  std::string data_hash;
  std::map<std::string, ImageCounts> images;          // category -> counts
  std::map<std::string, std::string> weights_sha256;  // file -> sha256
  std::map<std::string, std::string> prompts_sha256;  // prompt set -> sha256 of its file
  std::map<std::string, std::string> detectors;       // label -> Detector::settings()
  std::string activation;                             // of the CLIP model: gelu or quick_gelu
  std::filesystem::path home;                         // the program's own tree, for its git commit
};

class RunFolder {
 public:
  /// Freezes the configuration in the run's folder. folder empty: run.dir, which must not exist or be empty, or a
  /// folder below run.root, made exclusively (two runs in one second get two folders); both are visible at once.
  /// Otherwise a private folder beside the given one, which finish() renames to it. Throws OutputError, and then leaves
  /// nothing of its own behind.
  static RunFolder create(const Job& job, const Provenance& provenance, const std::filesystem::path& folder = {});

  RunFolder(RunFolder&& other) noexcept;
  RunFolder& operator=(RunFolder&&) = delete;
  /// A private folder that was not finished is removed.
  ~RunFolder();

  /// Where to write now.
  const std::filesystem::path& path() const { return path_; }
  /// Where the run will stand in the end.
  const std::filesystem::path& final_path() const { return final_path_; }
  bool is_visible() const { return path_ == final_path_; }

  /// state: running, done, failed or interrupted; error: empty unless failed. Also says which process of which host
  /// runs it.
  void write_status(const std::string& state, const std::string& error = "") const;
  /// Lines as core::LogFile writes them.
  void write_log(const std::string& lines) const;
  /// A private folder appears under its name. When that exists by now, an equal job was faster and this folder is
  /// thrown away. Throws OutputError.
  void appear();
  /// Status failed or interrupted, never throws: on a full disk, or when it is private, the folder goes away instead.
  void fail(const std::string& state, const std::string& error) noexcept;

 private:
  RunFolder(std::filesystem::path path, std::filesystem::path final_path, std::string started);
  void freeze(const Job& job, const Provenance& provenance) const;
  void discard() noexcept;

  std::filesystem::path path_, final_path_;
  std::string started_;
  std::chrono::steady_clock::time_point start_;
};

/// Commit of the git checkout at home, read from its files; empty when it is none.
std::string git_commit(const std::filesystem::path& home);

}  // namespace normadd::experiment
