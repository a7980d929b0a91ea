// SPDX-License-Identifier: Apache-2.0
// Against a real 'mlflow server' on this machine, where a Python with mlflow is found (support/python.h).
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "core/progress.h"
#include "exports/mlflow_push.h"
#include "exports/small_run.h"
#include "support/child_process.h"
#include "support/http_server.h"
#include "support/python.h"
#include "support/temporary_directory.h"

namespace normadd::exports {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// Ends with everything it started.
class RealServer {
 public:
  RealServer(const std::string& python, const fs::path& folder)
      : port_(std::to_string(test::unused_port())), process_([&] { return run(python, folder); }) {}
  ~RealServer() {
    ::kill(-process_.process(), SIGTERM);
    process_.wait();
    ::kill(-process_.process(), SIGKILL);
  }
  std::string url() const { return "http://127.0.0.1:" + port_; }

  bool answers() const {
    for (int attempt = 0; attempt < 600; ++attempt) {
      try {
        if (http::send({.url = url() + "/health"}).status == 200) return true;
      } catch (const http::Unreachable&) {
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    return false;
  }

 private:
  int run(const std::string& python, const fs::path& folder) const {
    ::setpgid(0, 0);
    const int log = ::open((folder / "log").c_str(), O_CREAT | O_WRONLY, 0600);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    const std::string store = "sqlite:///" + (folder / "mlflow.db").string(), files = (folder / "files").string();
    ::execlp(python.c_str(), python.c_str(), "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", port_.c_str(),
             "--workers", "1", "--backend-store-uri", store.c_str(), "--artifacts-destination", files.c_str(), nullptr);
    return 1;
  }
  std::string port_;
  test::ChildProcess process_;
};

TEST(MlflowServer, APushThatIsKilledAgainAndAgainLeavesEachRunOnceAndWhole) {
  const auto python = test::python_with("mlflow.tracking");
  if (!python) GTEST_SKIP() << "no Python with mlflow: set NORMADD_PYTHON to one";
  const test::TemporaryDirectory directory;
  fs::create_directory(directory / "server");
  core::write_file_atomically(directory / "s" / "sweep.json",
                              "{\"identity\": \"ab\", \"created\": \"now\", \"num_jobs\": 3, \"overrides\": [\"\"]}\n");
  for (int i = 0; i < 3; ++i) {
    test::SmallRun job;
    job.id = "job" + std::to_string(i);
    job.auroc = 0.125 * (i + 1);
    job.num_more_metrics = 60;
    job.more_configuration = "empty: ''\nlong: \"" + std::string(7000, 'y') + "\"\n'../größe <b>': x\n";
    if (i == 2) job.category = "../größe <script>\"%&";
    job.write(directory / "s" / std::to_string(i));
  }
  const RealServer server(*python, directory / "server");
  ASSERT_TRUE(server.answers()) << core::read_file(directory / "server" / "log");
  core::Progress::set_enabled(false);
  const auto push = [&] {
    return push_mlflow(reporting::list_runs({directory / "s"}), MlflowClient({.tracking_uri = server.url()}),
                       {.experiment = "größe % /x", .user = "me", .controls = false});
  };
  int num_killed = 0;
  for (int wait_ms = 20; wait_ms < 1500; wait_ms += wait_ms / 2) {
    test::ChildProcess child([&] { return push(), 0; });
    std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
    child.kill(SIGKILL);
    if (child.wait() != 0) ++num_killed;
  }
  EXPECT_GT(num_killed, 0);
  push();
  const auto again = push();
  EXPECT_EQ(again.num_unchanged, 4u);
  EXPECT_EQ(again.num_metrics + again.num_parameters + again.num_files, 0u);

  const auto outcome =
      test::run_command(test::shell_quoted(*python) + " " + test::shell_quoted(test::golden("exports/read_mlflow.py")) +
                        " " + server.url() + " 'größe % /x'");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.out;
  const std::string files =
      "files config.resolved.yaml hydra/config.yaml images/bolt_bent.png manifest.json metrics.csv scores.csv "
      "status.json "
      "tables/summary.md\n";
  for (const std::string& line :
       {std::string("run patchcore demo 01234567 FINISHED child\nmetrics 124 longest history 1\nparams 10\n"),
        std::string("run sweep s FINISHED top\nmetrics 0 longest history 0\nparams 3\nfiles sweep.json\n"),
        std::string("metric mean/image_auroc_original 0.375\n"), files}) {
    EXPECT_THAT(outcome.out, HasSubstr(line));
  }
  std::size_t num_runs = 0;
  for (auto at = outcome.out.find("run "); at != std::string::npos; at = outcome.out.find("\nrun ", at + 1)) ++num_runs;
  EXPECT_EQ(num_runs, 4u) << outcome.out;
}

}  // namespace
}  // namespace normadd::exports
