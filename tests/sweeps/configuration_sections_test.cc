// SPDX-License-Identifier: Apache-2.0
#include "sweeps/configuration_sections.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "experiment/key_reference.h"
#include "experiment/small_run.h"
#include "support/expect_error.h"
#include "sweeps/sweep_options.h"
#include "sweeps/sweeper_options.h"

namespace normadd::sweeps {
namespace {

TEST(ConfigurationSections, EveryKeyOfTheShippedConfigurationIsExplained) {
  const std::string reference = experiment::key_reference(configuration_sections());
  const auto expect_keys = [&](const auto& self, const config::Value& node, const std::string& prefix) -> void {
    for (const auto& [key, value] : node.as_map()) {
      if (value.is_map()) {
        self(self, value, prefix + key + ".");
      } else {
        EXPECT_NE(reference.find("\n  " + prefix + key + " "), std::string::npos) << prefix + key;
      }
    }
  };
  for (const char* dataset : {"demo", "mvtec_ad", "visa", "btad", "mpdd", "folder", "csv"}) {
    expect_keys(expect_keys, experiment::job_of({std::string("dataset=") + dataset}).composed.config, "");
  }
}

TEST(ConfigurationSections, LaunchersAndSweepersOfTheShippedConfigurationAreValid) {
  for (const char* launcher : {"local", "slurm", "commands"}) {
    for (const char* sweeper : {"grid", "random", "tpe"}) {
      const auto job = experiment::job_of({std::string("launcher=") + launcher, std::string("sweeper=") + sweeper});
      EXPECT_NO_THROW(check_sweep_nodes(job.resolved)) << launcher;
      EXPECT_EQ(sweeper_options(job.resolved).name, sweeper);
    }
  }
}

TEST(ConfigurationSections, MistypedNamesAndKeysOfHowJobsRunAreRefusedWithTheNearest) {
  const auto check = [](const std::string& override) {
    return [override] {
      const auto job = experiment::job_of({override});
      check_sweep_nodes(job.resolved);
      sweeper_options(job.resolved);
    };
  };
  test::expect_error<core::ConfigError>(check("+launcher.workrs=2"), {"launcher.workrs", "workers"});
  test::expect_error<core::ConfigError>(check("launcher.name=slrm"), {"slrm", "slurm"});
  test::expect_error<core::ConfigError>(check("sweeper.name=grd"), {"grd", "grid"});
  test::expect_error<core::ConfigError>(check("+sweeper.n_trials=3"), {"sweeper.n_trials"});
  test::expect_error<core::ConfigError>(check("sweep.on_error=sop"), {"sop", "stop"});
}

}  // namespace
}  // namespace normadd::sweeps
