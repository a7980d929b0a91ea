// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "exports/small_run.h"
#include "normadd/commands.h"
#include "support/http_server.h"
#include "support/temporary_directory.h"
#include "tools/program_run.h"

namespace normadd::tools {
namespace {

using ::testing::HasSubstr;
using Words = std::vector<std::string>;

/// A variable of the environment for the length of a scope.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

TEST(ExportVerbs, WriteBesideTheRunAndSayWhat) {
  const test::TemporaryDirectory directory;
  const std::string folder = (directory / "r").string();
  test::SmallRun().write(folder);
  const Outcome events = run_quietly({"export", "tensorboard", folder});
  EXPECT_EQ(events.exit_code, 0) << events.error;
  EXPECT_THAT(events.out, HasSubstr("1 runs: 4 scalars, 1 pictures\nleft out: 2 undefined values\n"));
  EXPECT_THAT(events.out, HasSubstr("tensorboard --logdir " + folder + "/tb\n"));
  const Outcome dvc = run_quietly({"export", "dvc", folder, "--controls"});
  EXPECT_EQ(dvc.exit_code, 0) << dvc.error;
  EXPECT_THAT(dvc.out, HasSubstr("1 runs: 6 values, 1 curves\n"));
  EXPECT_TRUE(std::filesystem::exists(directory / "r" / "dvc.yaml"));
}

TEST(ExportVerbs, BadInputIsASentence) {
  const test::TemporaryDirectory directory;
  test::SmallRun small;
  small.write(directory / "r");
  small.state = "running";
  small.write(directory / "unfinished");
  const std::string folder = (directory / "r").string();
  expect_refusal({"export", "tensorbord", folder}, {"tensorbord", "tensorboard"});
  expect_refusal({"export"}, {"export"});
  expect_refusal({"push", "mlfow"}, {"mlflow"});
  for (const char* what : {"tensorboard", "dvc", "mvtec-maps"}) {
    expect_refusal({"export", what}, {"no folder is named", what});
    expect_refusal({"export", what, folder + "/nowhere"}, {"no such folder"});
    expect_refusal({"export", what, (directory / "unfinished").string()}, {"is not done but running"});
    expect_refusal({"export", what, folder, "--otu", "x"}, {"--otu", "--out"});
  }
  expect_refusal({"export", "mvtec-maps", folder}, {"no anomaly maps", "run.save_maps=true"});
  expect_refusal({"push", "mlflow", folder}, {"MLFLOW_TRACKING_URI"});
  const std::string down = "http://127.0.0.1:" + std::to_string(test::unused_port());
  expect_refusal({"push", "mlflow", folder, "--tracking-uri", down}, {"cannot be reached", down});
  core::write_file_atomically(directory / "r" / "metrics.csv", "run\n");
  expect_refusal({"export", "dvc", folder}, {"metrics.csv:1", "no column"});
}

TEST(ExportVerbs, PushReadsMlflowsVariables) {
  const test::TemporaryDirectory directory;
  test::SmallRun().write(directory / "r");
  test::HttpServer server([](const auto&) { return test::Answer{.status = 403}; });
  const Variable uri("MLFLOW_TRACKING_URI", server.url()), name("MLFLOW_EXPERIMENT_NAME", "from outside"),
      user("MLFLOW_TRACKING_USERNAME", "Aladdin"), password("MLFLOW_TRACKING_PASSWORD", "open sesame");
  const Outcome outcome = run_quietly({"push", "mlflow", (directory / "r").string()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.error, HasSubstr("this login may not do that"));
  ASSERT_EQ(server.requests().size(), 1u);
  EXPECT_THAT(server.requests()[0].target, HasSubstr("experiment_name=from%20outside"));
  EXPECT_EQ(server.requests()[0].header("authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST(ExportVerbs, EachHasHelp) {
  for (const Words& arguments :
       {Words{"export", "--help"}, Words{"export", "tensorboard", "--help"}, Words{"export", "dvc", "--help"},
        Words{"export", "mvtec-maps", "-h"}, Words{"push", "--help"}, Words{"push", "mlflow", "--help"}}) {
    const Outcome outcome = run_quietly(arguments);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.out, HasSubstr("sage"));
  }
}

}  // namespace
}  // namespace normadd::tools
