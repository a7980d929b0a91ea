// SPDX-License-Identifier: Apache-2.0
#include "detectors/registry.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/value.h"
#include "core/error.h"
#include "detectors/clip_golden.h"
#include "detectors/small_network.h"
#include "support/expect_error.h"

namespace normadd::detectors {
namespace {

config::Value node(const config::MapEntries& entries) { return config::Value(entries); }

Resources resources() { return fixed_resources(std::make_shared<SmallNetwork>(golden_network())); }

/// The least that a detector needs to be told.
config::Value minimal_node(const std::string& name) {
  config::MapEntries entries{{"name", config::Value(name)}};
  if (name == "external") entries.emplace_back("root", config::Value(test::golden("imaging/maps").string()));
  if (name == "ensemble") entries.emplace_back("members", node({{"a", minimal_node("patchcore")}}));
  if (name == "winclip" || name == "april_gan") {
    entries.emplace_back("clip", config::Value(clip_golden_folder()));
    entries.emplace_back("prompts", config::Value(shipped_ensemble(name)));
  }
  if (name == "april_gan") {
    entries.emplace_back("dense_layers",
                         config::Value(test::golden("detectors/april_gan_layers.safetensors").string()));
    entries.emplace_back("taps", config::Value(config::List{config::Value(1), config::Value(3)}));
  }
  return node(entries);
}

TEST(Registry, MakesEveryDetectorThatItNames) {
  ASSERT_FALSE(detector_names().empty());
  for (const auto& name : detector_names()) {
    EXPECT_EQ(make_detector(minimal_node(name), resources())->name(), name);
    const auto fields = detector_fields(name);
    EXPECT_TRUE(std::ranges::all_of(fields, [](const config::Field& field) { return !field.help.empty(); })) << name;
  }
}

TEST(Registry, UnknownDetectorGetsTheNearestName) {
  test::expect_error<core::ConfigError>(
      [] {
        make_detector(node({{"name", config::Value("pachcore")}}), resources());
      },
      {"pachcore", "patchcore", "detector.name"});
  test::expect_error<core::ConfigError>([] { make_detector(node({}), resources()); }, {"detector.name", "patchcore"});
}

TEST(Registry, UnknownOptionGetsTheNearestName) {
  test::expect_error<core::ConfigError>(
      [] {
        make_detector(node({{"name", config::Value("patchcore")}, {"coreset_ration", config::Value(0.1)}}),
                      resources());
      },
      {"detector", "coreset_ration", "coreset_ratio"});
}

TEST(Registry, OptionsOutOfRangeAreRefused) {
  for (const double ratio : {0.0, 1.5}) {
    test::expect_error<core::ConfigError>(
        [&] {
          make_detector(node({{"name", config::Value("patchcore")}, {"coreset_ratio", config::Value(ratio)}}),
                        resources());
        },
        {"coreset_ratio"});
  }
}

}  // namespace
}  // namespace normadd::detectors
