// SPDX-License-Identifier: Apache-2.0
#include "sweeps/slurm_submission.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <system_error>

#include "core/atomic_file.h"
#include "core/error.h"

namespace normadd::sweeps {
namespace {

constexpr const char* kRecord = "submission.json";

SlurmSubmission read_record(const std::filesystem::path& folder) {
  const auto file = folder / kRecord;
  try {
    const auto json = nlohmann::json::parse(core::read_file(file));
    SlurmSubmission submission;
    submission.folder = folder;
    submission.mark = json.at("mark").get<std::string>();
    submission.tasks = json.at("tasks").get<std::size_t>();
    submission.arrays = json.at("arrays").get<std::vector<std::string>>();
    if (!json.at("collect").is_null()) submission.collect = json.at("collect").get<std::string>();
    submission.complete = json.at("complete").get<bool>();
    return submission;
  } catch (const nlohmann::json::exception& error) {
    throw core::DataError(fmt::format("this record of a submission is damaged: {}", error.what()), file.string(),
                          "Remove its folder; the jobs themselves are not touched.");
  }
}

}  // namespace

std::vector<std::string> SlurmSubmission::job_ids() const {
  std::vector<std::string> ids = arrays;
  if (collect) ids.push_back(*collect);
  return ids;
}

void SlurmSubmission::adopt(const std::vector<SlurmQueueEntry>& queue) {
  for (const auto& entry : queue) {
    if (!entry.comment.ends_with(mark)) continue;
    const auto known = job_ids();
    if (std::ranges::find(known, entry.job) != known.end()) continue;
    if (entry.task == kNoTask) {
      collect = entry.job;
    } else {
      arrays.push_back(entry.job);
    }
  }
}

void SlurmSubmission::save() const {
  nlohmann::ordered_json json;
  json["mark"] = mark;
  json["tasks"] = tasks;
  json["arrays"] = arrays;
  json["collect"] = collect ? nlohmann::ordered_json(*collect) : nlohmann::ordered_json(nullptr);
  json["complete"] = complete;
  core::write_file_atomically(folder / kRecord, json.dump(2) + "\n");
}

SlurmSubmission new_slurm_submission(const std::filesystem::path& parent, const std::string& sweep_name) {
  core::make_directories(parent);
  for (int number = 0;; ++number) {
    SlurmSubmission submission;
    submission.folder = parent / std::to_string(number);
    std::error_code error;
    // Two processes at once get two numbers.
    if (!std::filesystem::create_directory(submission.folder, error)) {
      if (error) {
        throw core::OutputError(fmt::format("cannot make a folder: {}", error.message()), submission.folder.string(),
                                "Check the sweep folder's permissions and the disk's space.");
      }
      continue;
    }
    submission.mark = fmt::format("normadd:{}/{}:{:08x}", sweep_name, number, std::random_device()());
    submission.save();
    return submission;
  }
}

std::vector<SlurmSubmission> slurm_submissions(const std::filesystem::path& parent) {
  std::vector<SlurmSubmission> all;
  for (int number = 0; std::filesystem::exists(parent / std::to_string(number)); ++number) {
    const auto folder = parent / std::to_string(number);
    // A process may have been killed between making the folder and writing the record.
    if (std::filesystem::exists(folder / kRecord)) all.push_back(read_record(folder));
  }
  return all;
}

}  // namespace normadd::sweeps
