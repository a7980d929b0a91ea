// SPDX-License-Identifier: Apache-2.0
#include "sweeps/input_prints.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/hashing.h"
#include "experiment/prompt_files.h"

namespace normadd::sweeps {

const std::string& InputPrints::of_file(const std::string& name) {
  const auto [found, is_new] = files_.emplace(name, "");
  struct stat status {};
  if (is_new && ::stat(name.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
    found->second = fmt::format("{} {} {}.{}\n", name, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  }
  return found->second;
}

const std::string& InputPrints::of_prompts(const std::string& name, const std::string& folder) {
  const auto [found, is_new] = prompts_.emplace(fmt::format("{}\n{}", name, folder), "");
  if (!is_new) return found->second;
  try {
    found->second = core::xxh128_hex_of_file(experiment::prompt_set_file(name, folder, home_)) + "\n";
  } catch (const core::Error&) {
    // A set that is missing is the job's own error, when it runs.
  }
  return found->second;
}

void InputPrints::add_files(const config::Value& node, std::string& text) {
  if (node.is_map()) {
    for (const auto& [key, child] : node.as_map()) add_files(child, text);
  } else if (node.is_list()) {
    for (const auto& child : node.as_list()) add_files(child, text);
  } else if (node.is_string() && node.as_string().find('/') != std::string::npos) {
    text += of_file(node.as_string());
  }
}

std::string InputPrints::of(const experiment::Job& job) {
  std::string text;
  add_files(job.resolved, text);
  for (const auto& set : job.prompts.sets) text += of_prompts(set, job.prompts.folder);
  return text;
}

}  // namespace normadd::sweeps
