// SPDX-License-Identifier: Apache-2.0
#include "slurm/cluster.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

namespace normadd::test {
namespace {

using namespace std::chrono_literals;

constexpr int kNotPossible = 77;

std::string script(const char* name) { return std::string(NORMADD_SOURCE_DIR) + "/tests/slurm/" + name; }

/// Whether one of a process's initial variables is NAME=VALUE.
bool has_variable(const std::filesystem::path& process, const std::string& variable) {
  std::ifstream stream(process / "environ", std::ios::binary);
  for (std::string entry; std::getline(stream, entry, '\0');) {
    if (entry == variable) return true;
  }
  return false;
}

std::string first_line(const std::filesystem::path& file) {
  std::string line;
  std::ifstream stream(file);
  std::getline(stream, line);
  return line;
}

int parent_of(const std::filesystem::path& process) {
  std::ifstream stream(process / "status");
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("PPid:")) return std::stoi(line.substr(5));
  }
  return 0;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

core::SubprocessResult run(const std::vector<std::string>& command, std::chrono::seconds limit) {
  return core::run_subprocess({command, "", limit, {}});
}

bool eventually(const std::function<bool()>& condition, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(50ms);
  }
  return true;
}

bool signal_is_pending(int process, int signal_number) {
  std::ifstream stream(fmt::format("/proc/{}/status", process));
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with("ShdPnd:") && !line.starts_with("SigPnd:")) continue;
    const auto mask = std::stoull(line.substr(line.find(':') + 1), nullptr, 16);
    if ((mask >> (signal_number - 1) & 1U) != 0) return true;
  }
  return false;
}

Cluster::Cluster(const std::filesystem::path& root) : root_(root) {
  // A range below the ephemeral ports; two test programs at once get different ones.
  constexpr int kFirstPort = 10000, kPorts = 1000, kStep = 20;
  ::setenv("NORMADD_SLURM_ROOT", root_.c_str(), 1);
  ::setenv("NORMADD_SLURM_PORT", std::to_string(kFirstPort + ::getpid() % kPorts * kStep).c_str(), 1);
  ::setenv("NORMADD_SLURM_OWNER", std::to_string(::getpid()).c_str(), 1);
  const auto result = run({script("start_cluster.sh")}, 300s);
  if (result.status == kNotPossible) {
    missing_ = result.words();
    return;
  }
  if (!result.ok()) throw std::runtime_error("the cluster did not start: " + result.words());
  ::setenv("SLURM_CONF", (root_ / "etc/slurm.conf").c_str(), 1);
}

Cluster::~Cluster() { run({script("stop_cluster.sh"), "--purge"}); }

void Cluster::kill_daemon(const std::string& name) const {
  const auto result = run({script("stop_cluster.sh"), "--kill", name});
  EXPECT_TRUE(result.ok()) << result.words();
}

void Cluster::start_again() const {
  const auto result = run({script("start_cluster.sh")});
  EXPECT_TRUE(result.ok()) << result.words();
}

void Cluster::start_controller() const {
  const auto result = run({script("start_cluster.sh"), "--controller"});
  EXPECT_TRUE(result.ok()) << result.words();
}

void Cluster::kill_everything_on(const std::string& node) const {
  const std::string ours = fmt::format("SLURM_CONF={}", (root_ / "etc/slurm.conf").string());
  const std::string here = "SLURMD_NODENAME=" + node;
  std::vector<int> processes;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (!has_variable(entry.path(), ours) || !has_variable(entry.path(), here)) continue;
    // Its keeper, slurmstepd, has not the variable, and must not live to tell how it ended.
    const int parent = parent_of(entry.path());
    if (first_line(std::filesystem::path("/proc") / std::to_string(parent) / "comm").starts_with("slurmstepd"))
      ::kill(parent, SIGKILL);
    processes.push_back(std::stoi(name));
  }
  for (const int process : processes) ::kill(process, SIGKILL);
}

std::vector<std::string> Cluster::tasks_in(const std::string& state) const {
  return lines_of(run({"squeue", "--noheader", "--array", "--states=" + state, "--format=%F_%K"}).output);
}

std::string Cluster::node_of(const std::string& task) const {
  const auto lines = lines_of(run({"squeue", "--noheader", "--array", "--jobs=" + task, "--format=%N"}).output);
  return lines.empty() ? "" : lines.front();
}

bool Cluster::queue_is_empty() const {
  const auto result = run({"squeue", "--noheader"});
  return result.ok() && result.output.empty();
}

std::string Cluster::account_of_itself() const {
  constexpr std::size_t kLines = 80;
  std::string text = run({"squeue", "--array", "--format=%F_%K %T %r %N %M %V"}).words() + "\n" +
                     run({"sinfo", "--Node", "--format=%N %T %E"}).words() + "\n";
  for (const auto& file : std::filesystem::directory_iterator(root_ / "log")) {
    if (file.path().extension() != ".log") continue;
    text += fmt::format("{}:\n{}\n", file.path().filename().string(),
                        run({"tail", fmt::format("--lines={}", kLines), file.path().string()}).output);
  }
  return text;
}

int Cluster::process_of(const std::string& task, const std::string& name) const {
  const auto separator = task.find('_');
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string number = entry.path().filename().string();
    if (number.find_first_not_of("0123456789") != std::string::npos || first_line(entry.path() / "comm") != name)
      continue;
    if (has_variable(entry.path(), fmt::format("SLURM_CONF={}", (root_ / "etc/slurm.conf").string())) &&
        has_variable(entry.path(), "SLURM_ARRAY_JOB_ID=" + task.substr(0, separator)) &&
        has_variable(entry.path(), "SLURM_ARRAY_TASK_ID=" + task.substr(separator + 1))) {
      return std::stoi(number);
    }
  }
  return 0;
}

}  // namespace normadd::test
