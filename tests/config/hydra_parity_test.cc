// SPDX-License-Identifier: Apache-2.0
// The same inputs must give what hydra-core and OmegaConf give (tests/golden/config/make_config_goldens.py).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <set>

#include "config/compose.h"
#include "config/json_of_value.h"
#include "config/override_grammar.h"
#include "config/plain_scalar.h"
#include "config/sweep_expansion.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "support/temporary_directory.h"

namespace normadd::config {
namespace {

nlohmann::json golden_table(const std::string& name) {
  return nlohmann::json::parse(core::read_file(test::golden("config/" + name)));
}

/// Hydra refuses these and we accept them: later '=' are literal, and '~' needs no quotes.
const std::set<std::string> kAcceptedHere = {"x=a=b", "x=~"};

TEST(HydraParity, Compositions) {
  ::setenv("NORMADD_GOLDEN_VALUE", "from the environment", 1);
  ::setenv("NORMADD_GOLDEN_NUMBER", "12", 1);
  ::unsetenv("NORMADD_GOLDEN_UNSET");
  const auto table = golden_table("compositions.json");
  ASSERT_GE(table.size(), 60u);
  for (const auto& row : table) {
    SCOPED_TRACE(row["tree"].dump() + " " + row["config"].dump() + " " + row["overrides"].dump());
    const ComposeRequest request{{test::golden("config/trees") / row["tree"].get<std::string>()},
                                 row["config"].get<std::string>(),
                                 row["overrides"].get<std::vector<std::string>>()};
    try {
      const ComposedConfig composed = compose(request);
      const Value config = row["resolve"].get<bool>() ? resolve(composed.config) : composed.config;
      if (row["expected"].is_null()) {
        ADD_FAILURE() << "the original refuses this; ours gives\n" << to_yaml(config);
        continue;
      }
      EXPECT_TRUE(test::same_json(test::json_of(config), row["expected"]["config"]))
          << "ours: " << test::json_of(config).dump() << "\nexpected: " << row["expected"]["config"].dump();
      nlohmann::json choices = nlohmann::json::object();
      for (const auto& [group, option] : composed.choices) choices[group] = option;
      for (const auto& [group, option] : row["expected"]["choices"].items()) {
        // The original keeps a list as a list and no choice as null.
        if (option.is_string()) {
          EXPECT_EQ(choices.value(group, ""), option.get<std::string>());
        }
      }
    } catch (const core::ConfigError& error) {
      EXPECT_TRUE(row["expected"].is_null()) << error.what();
    }
  }
}

TEST(HydraParity, OverrideValues) {
  const auto table = golden_table("override_values.json");
  ASSERT_GE(table.size(), 90u);
  for (const auto& row : table) {
    const std::string text = row["text"];
    SCOPED_TRACE(text);
    try {
      const auto value = test::json_of(parse_override(text).value());
      if (row["expected"].is_null()) {
        EXPECT_TRUE(kAcceptedHere.count(text)) << "the original refuses this; ours gives " << value.dump();
      } else {
        EXPECT_TRUE(test::same_json(value, row["expected"]["value"])) << value.dump();
      }
    } catch (const core::ConfigError& error) {
      EXPECT_TRUE(row["expected"].is_null()) << error.what();
    }
  }
}

/// Hydra refuses these and we accept them: null among choices, a range that only has its end by name, later '=',
/// sort() of one kind of numbers, and the cast json(), which Hydra's 1.4 brings.
const std::set<std::string> kSweepsAcceptedHere = {
    "name=choice(a,'b c',null)",
    "seed=range(stop=3)",
    "seed=range(stop=3,step=2)",
    "name=a=b,c=d",
    "name=str(null)",
    "name=json('{\"a\": [1, 2.5, null]}')",
    "name=json('[1,2]')",
};

/// Hydra makes sweeps without a single job of these; here they are errors.
const std::set<std::string> kEmptySweeps = {"seed=range(-3)", "seed=range(0)"};

/// Hydra adds the exact binary values, which gives 0.30000000000000004; here steps are counted in decimal: 0.3.
const std::set<std::string> kDecimalRanges = {"rate=range(0.1,1.0,0.1)", "rate=range(1,0,-0.3)",
                                              "rate=range(0,1e-2,1e-3)"};

bool is_same_job(const nlohmann::json& ours, const nlohmann::json& expected, bool counts_decimal) {
  if (!counts_decimal) return test::same_json(ours, expected);
  return std::abs(ours.at("rate").get<double>() - expected.at("rate").get<double>()) < 1e-15;
}

/// What a job's overrides say, by key; a deleted key is null.
nlohmann::json values_of(const std::vector<std::string>& overrides) {
  nlohmann::json values = nlohmann::json::object();
  for (const auto& text : overrides) {
    const Override override = parse_override(text);
    const std::string key = override.elements.empty() ? text : text.substr(0, text.find('='));
    const auto name = key.substr(key.find_first_not_of("+~"));
    values[name] = override.elements.empty() ? nlohmann::json() : test::json_of(override.value());
  }
  return values;
}

TEST(HydraParity, Sweeps) {
  const auto table = golden_table("sweeps.json");
  ASSERT_GE(table.size(), 110u);
  for (const auto& row : table) {
    ComposeRequest request;
    request.search_paths = {test::golden("config/trees/basic")};
    request.overrides = row["overrides"].get<std::vector<std::string>>();
    SCOPED_TRACE(row["overrides"].dump());
    try {
      const auto jobs = expand_sweep(request);
      if (row["expected"].is_null()) {
        EXPECT_TRUE(kSweepsAcceptedHere.count(request.overrides.front())) << "the original refuses this";
        continue;
      }
      ASSERT_EQ(jobs.size(), row["expected"].size());
      for (std::size_t job = 0; job < jobs.size(); ++job) {
        nlohmann::json expected = nlohmann::json::object();
        for (const auto& [key, value] : row["expected"][job].items()) {
          expected[key.substr(key.find_first_not_of("+~"))] = value;
        }
        const auto ours = values_of(jobs[job].all);
        EXPECT_TRUE(is_same_job(ours, expected, kDecimalRanges.contains(request.overrides.front())))
            << "job " << job << ": " << ours.dump() << " not " << expected.dump();
      }
    } catch (const core::ConfigError& error) {
      EXPECT_TRUE(row["expected"].is_null() || kEmptySweeps.contains(request.overrides.front())) << error.what();
    }
  }
}

TEST(HydraParity, YamlScalars) {
  const auto table = golden_table("yaml_scalars.json");
  ASSERT_GE(table.size(), 60u);
  for (const auto& row : table) {
    const std::string text = row["text"];
    const auto value = test::json_of(parse_yaml("x: " + text, "golden.yaml").find("x")[0]);
    EXPECT_TRUE(test::same_json(value, row["expected"])) << text << " gives " << value.dump();
    // What a reader takes for something else than the text must be written in quotes.
    if (!row["expected"].is_string()) {
      EXPECT_TRUE(reads_as_other_than_string(text)) << text;
    }
  }
}

}  // namespace
}  // namespace normadd::config
