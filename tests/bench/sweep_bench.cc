// SPDX-License-Identifier: Apache-2.0
// What a grid costs beside its distinct work: 3 prompt sets x 2 vision-language models x 10 fusion settings x 2
// detectors on the demo, against the 4 (detector, model) cells alone, each time from an empty cache; then everything
// again.
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "config/compose.h"
#include "core/log.h"
#include "core/progress.h"
#include "experiment/job_batch.h"

namespace {

using namespace normadd;
namespace fs = std::filesystem;

struct Times {
  double wall = 0, user = 0, system = 0;
};

Times now() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  const auto wall = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration<double>(wall).count(), seconds(usage.ru_utime), seconds(usage.ru_stime)};
}

experiment::Job job_of(std::vector<std::string> overrides, const fs::path& scratch) {
  overrides.push_back("dataset.root=" + (scratch / "demo").string());
  // Threads that wait for one another spin, which would count as work.
  overrides.emplace_back("threads=1");
  config::ComposeRequest request;
  request.search_paths = {std::string(NORMADD_SOURCE_DIR) + "/configs"};
  request.overrides = std::move(overrides);
  return experiment::make_job(config::compose(request));
}

Times run(const std::string& what, const std::deque<experiment::Job>& jobs, const fs::path& cache,
          const fs::path& out) {
  const Times before = now();
  const fs::path home = NORMADD_SOURCE_DIR;
  experiment::CacheOptions options;
  options.dir = cache.string();
  experiment::Session session({home, {home / "data/weights/cards", home / "none", home / "none"}}, options);
  std::vector<experiment::JobTarget> targets;
  for (std::size_t i = 0; i < jobs.size(); ++i) targets.push_back({&jobs[i], out / std::to_string(i)});
  std::size_t cached = 0, failed = 0;
  for (const auto& outcome : experiment::run_jobs(targets, session)) {
    cached += outcome.was_cached ? 1 : 0;
    failed += outcome.error ? 1 : 0;
  }
  const Times after = now(), took{after.wall - before.wall, after.user - before.user, after.system - before.system};
  fmt::print(
      "{:<28} {:4} cells  wall {:7.2f} s  user {:7.2f} s  system {:5.2f} s  {:5} images through towers  {} cached, {} "
      "failed\n",
      what, jobs.size(), took.wall, took.user, took.system, session.image_passes(), cached, failed);
  std::fflush(stdout);
  return took;
}

}  // namespace

int main(int argc, char** argv) {
  ::setenv("NORMADD_HOME", NORMADD_SOURCE_DIR, 0);
  core::set_quiet(true);
  core::Progress::set_enabled(false);
  const fs::path scratch = argc > 1 ? fs::path(argv[1]) : fs::temp_directory_path() / "normadd_sweep_bench";
  const std::vector<std::string> fusions[] = {
      {"fusion=product", "fusion.lambda=0.25"},     {"fusion=product", "fusion.lambda=0.5"},
      {"fusion=product", "fusion.lambda=0.75"},     {"fusion=product"},
      {"fusion=power", "fusion.gamma=0.5"},         {"fusion=power", "fusion.gamma=2"},
      {"fusion=threshold", "fusion.threshold=0.3"}, {"fusion=threshold"},
      {"fusion=subtract", "fusion.lambda=0.5"},     {"fusion=subtract"}};
  std::deque<experiment::Job> alone, grid;
  const Times before = now();
  for (const std::string clip : {"micro_clip", "micro_clip_fine"}) {
    for (const std::string detector : {"patchcore", "padim"}) {
      const std::vector<std::string> cell{"clip=" + clip, "detector=" + detector};
      alone.push_back(job_of(cell, scratch));
      for (const std::string prompts : {"name_only", "described", "templates"}) {
        for (const auto& fusion : fusions) {
          auto overrides = cell;
          overrides.push_back("prompts=" + prompts);
          overrides.insert(overrides.end(), fusion.begin(), fusion.end());
          grid.push_back(job_of(overrides, scratch));
        }
      }
    }
  }
  fmt::print("composing: {:.2f} ms per job\n", 1e3 * (now().wall - before.wall) / static_cast<double>(grid.size()));
  fs::remove_all(scratch / "out");
  if (argc > 2) {
    fs::remove_all(scratch / "cache/grid/results");
    run("the grid from its stages", grid, scratch / "cache/grid", scratch / "out/stages");
    run("the grid again", grid, scratch / "cache/grid", scratch / "out/again");
    return 0;
  }
  fs::remove_all(scratch / "cache");
  run("the dataset, to warm up", {alone.begin(), alone.begin() + 1}, scratch / "cache/warm", scratch / "out/warm");
  const Times four = run("4 cells", alone, scratch / "cache/alone", scratch / "out/alone");
  const Times all = run("the grid", grid, scratch / "cache/grid", scratch / "out/grid");
  fs::remove_all(scratch / "cache/grid/results");
  run("the grid from its stages", grid, scratch / "cache/grid", scratch / "out/stages");
  const Times again = run("the grid again", grid, scratch / "cache/grid", scratch / "out/again");
  fmt::print("ratio: wall {:.2f}, user {:.2f}; {:.2f} ms per cached cell\n", all.wall / four.wall, all.user / four.user,
             1e3 * again.wall / static_cast<double>(grid.size()));
  return 0;
}
