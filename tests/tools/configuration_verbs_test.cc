// SPDX-License-Identifier: Apache-2.0
// normadd run's questions about the configuration, normadd validate and normadd config schema.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "config/compose.h"
#include "config/config_files.h"
#include "config/json_of_value.h"
#include "core/error.h"
#include "normadd/command_line.h"
#include "normadd/home.h"
#include "tools/program_run.h"

namespace normadd::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

std::string printed(const std::vector<std::string>& arguments) {
  const auto outcome = run_quietly(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
  return outcome.out;
}

TEST(RunFlags, CfgPrintsJobHydraOrAllAndOneNode) {
  const auto hydra = printed({"run", "--cfg", "hydra", "fusion=power"});
  EXPECT_THAT(hydra, StartsWith("hydra:\n"));
  EXPECT_THAT(hydra, HasSubstr("    - fusion=power\n"));
  EXPECT_THAT(hydra, HasSubstr("      fusion: power\n"));
  const auto all = printed({"run", "--cfg=all"});
  EXPECT_THAT(all, HasSubstr("\nhydra:\n"));
  EXPECT_THAT(all, StartsWith(printed({"run", "-c=job"})));
  EXPECT_EQ(printed({"run", "-c", "job", "-p", "fusion", "fusion.lambda=0.5"}),
            "# @package fusion\nrule: product\nlambda: 0.5\n");
  EXPECT_EQ(printed({"run", "-c", "all", "--package", "hydra.runtime.choices.fusion"}), "product\n");
  EXPECT_EQ(printed({"run", "-c", "job", "-p", "_global_"}), printed({"run", "-c", "job"}));
  EXPECT_THAT(printed({"run", "-c", "job", "--resolve", "-p", "prompts"}), Not(HasSubstr("${")));
  expect_refusal({"run", "-c", "jobs"}, {"--cfg", "'jobs'"});
  expect_refusal({"run", "-c", "job", "-p", "fusio"}, {"no node 'fusio'", "'fusion'"});
  expect_refusal({"run", "--resolve"}, {"--resolve", "--cfg job"});
}

TEST(RunFlags, InfoPrintsTheDefaultsTreeAndWhatLeadsToIt) {
  const auto tree = printed({"run", "-i", "defaults-tree", "experiment=demo", "fusion=power"});
  EXPECT_THAT(tree, StartsWith("Defaults Tree\n*************\n<root>:\n  config:\n    dataset: demo\n"));
  EXPECT_THAT(tree, HasSubstr("\n    fusion: power\n"));
  EXPECT_THAT(tree, HasSubstr("\n    _self_\n    experiment: demo:\n      detector@detectors.padim: padim\n"));
  const auto list = printed({"run", "--info=defaults", "experiment=demo"});
  EXPECT_THAT(list, HasSubstr("| detector/padim        | detectors.padim     | False  | experiment/demo |\n"));
  EXPECT_LT(list.find("fusion/product"), list.find("| experiment/demo "));
  EXPECT_THAT(printed({"run", "--info", "searchpath", "-cd=" NORMADD_SOURCE_DIR "/tests"}), HasSubstr("/tests\n"));
  EXPECT_THAT(printed({"run", "-i", "plugins"}), HasSubstr("Detectors: april_gan, "));
  // Without a value, and before an override.
  for (const char* part : {"Plugins\n", "Config search path\n", "Defaults Tree\n", "Defaults List\n", "Config\n"}) {
    EXPECT_THAT(printed({"run", "--info", "seed=7"}), HasSubstr(part));
  }
  expect_refusal({"run", "-i", "default"}, {"--info", "'defaults'"});
}

TEST(RunFlags, ShortFlagsTakeTheirValueEitherWay) {
  for (const std::vector<std::string>& flags : std::vector<std::vector<std::string>>{
           {"-cn", "config"}, {"-cn=config"}, {"--config-name", "config"}, {"--config-name=config"}}) {
    std::vector<std::string> arguments{"run", "-c", "job"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    EXPECT_EQ(printed(arguments), printed({"run", "-c", "job"}));
  }
  expect_refusal({"run", "-c", "job", "-cn=confg"}, {"no config 'confg'"});
  EXPECT_EQ(printed({"run", "--version"}), printed({"--version"}));
  EXPECT_THAT(printed({"run", "--hydra-help"}), HasSubstr("--shell-completion"));
  expect_refusal({"run", "-sc", "install=csh"}, {"'csh'", "bash"});
  expect_refusal({"run", "-sc", "bash"}, {"install=SHELL"});
}

TEST(Validate, SaysOkOrNamesTheKey) {
  EXPECT_THAT(printed({"validate", "fusion=power"}), StartsWith("OK: job "));
  EXPECT_THAT(printed({"validate", "experiment=demo"}), HasSubstr("patchcore and padim"));
  expect_refusal({"validate", "fusion.lambda=2"}, {"fusion.lambda", "at most 1"});
  expect_refusal({"validate", "detector.profile=amazone"}, {"detector.profile", "amazon"});
  expect_refusal({"validate", "+detector.coreset_rati=1"}, {"detector.coreset_rati", "Did you mean 'coreset_ratio'"});
  expect_refusal({"validate", "dataset.categories=carpet"}, {"dataset.categories", "[carpet]"});
  expect_refusal({"validate", "dataset=csv"}, {"dataset.root is required"});
  expect_refusal({"validate", "seed=x"}, {"seed must be an integer"});
  expect_refusal({"validate", "run.dir=${nothing}"}, {"nothing"});
}

/// The parts of JSON Schema that the schema uses.
bool fits(const Json& value, const Json& schema) {
  const auto any = [&](const Json& schemas) {
    return std::count_if(schemas.begin(), schemas.end(), [&](const Json& one) { return fits(value, one); });
  };
  if (schema.contains("anyOf") && any(schema["anyOf"]) == 0) return false;
  if (schema.contains("oneOf") && any(schema["oneOf"]) != 1) return false;
  if (schema.contains("const") && value != schema["const"]) return false;
  if (schema.contains("enum")) {
    return std::find(schema["enum"].begin(), schema["enum"].end(), value) != schema["enum"].end();
  }
  if (schema.contains("pattern") && value.is_string()) {
    const auto text = value.get<std::string>();
    if (text.find("${") == std::string::npos && text != "???") return false;
  }
  if (schema.contains("type")) {
    const Json types = schema["type"].is_array() ? schema["type"] : Json::array({schema["type"]});
    const auto is = [&](const std::string& type) {
      return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
             (type == "string" && value.is_string()) || (type == "null" && value.is_null()) ||
             (type == "boolean" && value.is_boolean()) || (type == "integer" && value.is_number_integer()) ||
             (type == "number" && value.is_number());
    };
    if (std::none_of(types.begin(), types.end(), is)) return false;
  }
  if (value.is_number()) {
    const double number = value.get<double>();
    if (schema.contains("minimum") && number < schema["minimum"].get<double>()) return false;
    if (schema.contains("maximum") && number > schema["maximum"].get<double>()) return false;
    if (schema.contains("exclusiveMinimum") && number <= schema["exclusiveMinimum"].get<double>()) return false;
    if (schema.contains("exclusiveMaximum") && number >= schema["exclusiveMaximum"].get<double>()) return false;
  }
  if (value.is_array() && schema.contains("items")) {
    for (const auto& item : value) {
      if (!fits(item, schema["items"])) return false;
    }
  }
  if (value.is_object()) {
    for (const auto& name : schema.value("required", Json::array())) {
      if (!value.contains(name.get<std::string>())) return false;
    }
    for (const auto& [name, item] : value.items()) {
      if (schema.contains("properties") && schema["properties"].contains(name)) {
        if (!fits(item, schema["properties"][name])) return false;
      } else if (schema.contains("additionalProperties")) {
        const Json& others = schema["additionalProperties"];
        if (others.is_boolean() ? !others.get<bool>() : !fits(item, others)) return false;
      }
    }
  }
  return true;
}

TEST(ConfigSchema, EveryShippedConfigurationFitsAndMistakesDoNot) {
  const Json schema = Json::parse(printed({"config", "schema"}));
  const std::vector<std::filesystem::path> paths{home() / "configs"};
  const auto composed = [&](std::vector<std::string> overrides) {
    config::ComposeRequest request;
    request.search_paths = paths;
    request.overrides = std::move(overrides);
    return test::json_of(config::compose(request).config);
  };
  const config::ConfigFiles files(paths);
  int num_fitting = 0;
  for (const auto& group : files.groups()) {
    if (group.find('/') != std::string::npos) continue;
    for (const auto& option : files.options(group)) {
      Json value;
      try {
        value = composed({group + "=" + option});
      } catch (const core::Error&) {
        continue;  // a sweep's file may need more than one job has
      }
      EXPECT_TRUE(fits(value, schema)) << group << "=" << option << "\n" << value.dump(2);
      ++num_fitting;
    }
  }
  EXPECT_GE(num_fitting, 30);
  for (const char* mistake : {"fusion.lambda=2", "fusion.rule=productt", "seed=x", "seed=-1", "metrics.aupro=exakt",
                              "+fusion.lamda=1", "~fusion", "detector.name=patchcor", "prompts.sets=described",
                              "run.batch_size=null", "detector.coreset_ratio=0"}) {
    EXPECT_FALSE(fits(composed({mistake}), schema)) << mistake;
  }
  expect_refusal({"config", "schem"}, {"'config schem'", "schema"});
}

TEST(NoteFlags, AsksAVerbWithoutRunningIt) {
  const auto notes = note_flags(
      [](const std::vector<std::string>& arguments) -> int {
        cxxopts::Options options("x");
        options.add_options()("q,quiet", "less")("size", "px", cxxopts::value<int>());
        parse_flags(options, arguments);
        ADD_FAILURE() << "the verb went on";
        return 0;
      },
      {"--unknown"});
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0].letter, "q");
  EXPECT_FALSE(notes[0].takes_value);
  EXPECT_EQ(notes[1].names, std::vector<std::string>{"size"});
  EXPECT_TRUE(notes[1].takes_value);
}

}  // namespace
}  // namespace normadd::tools
