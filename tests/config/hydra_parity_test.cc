// SPDX-License-Identifier: Apache-2.0
// The same inputs must give what hydra-core and OmegaConf give (tests/golden/config/make_config_goldens.py).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "config/compose.h"
#include "config/json_of_value.h"
#include "config/override_grammar.h"
#include "config/plain_scalar.h"
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
