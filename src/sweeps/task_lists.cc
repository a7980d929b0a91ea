// SPDX-License-Identifier: Apache-2.0
#include "sweeps/task_lists.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace normadd::sweeps {

std::string job_list_text(std::span<const std::size_t> jobs) {
  std::string text;
  for (std::size_t first = 0; first < jobs.size();) {
    std::size_t last = first;
    while (last + 1 < jobs.size() && jobs[last + 1] == jobs[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += last == first ? fmt::format("{}", jobs[first]) : fmt::format("{}-{}", jobs[first], jobs[last]);
    first = last + 1;
  }
  return text;
}

std::vector<std::string> task_lists(std::span<const std::size_t> jobs, std::size_t jobs_per_task) {
  NORMADD_CHECK(jobs_per_task > 0, "jobs per task");
  std::vector<std::string> lists;
  for (std::size_t first = 0; first < jobs.size(); first += jobs_per_task) {
    lists.push_back(job_list_text(jobs.subspan(first, std::min(jobs_per_task, jobs.size() - first))));
  }
  return lists;
}

}  // namespace normadd::sweeps
