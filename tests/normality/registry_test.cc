// SPDX-License-Identifier: Apache-2.0
#include "normality/registry.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "support/expect_error.h"

namespace normadd::normality {
namespace {

TEST(NormalityRegistry, UnknownNamesGetTheNearest) {
  test::expect_error<core::ConfigError>(
      [] {
        make_normality_detector(config::Value(config::MapEntries{{"name", "clip_dens"}}), nullptr);
      },
      {"clip_dens", "clip_dense", "normality.name"});
  test::expect_error<core::ConfigError>([] { make_normality_detector(config::Value(config::MapEntries{}), nullptr); },
                                        {"normality.name"});
}

TEST(NormalityRegistry, UnknownAndUnfitOptionsAreRefusedBeforeTheModelIsTouched) {
  const auto make = [](const std::string& key, config::Value value) {
    make_normality_detector(config::Value(config::MapEntries{{"name", "clip_dense"}, {key, std::move(value)}}),
                            nullptr);
  };
  test::expect_error<core::ConfigError>([&] { make("temperatur", 30.0); }, {"temperatur", "temperature"});
  test::expect_error<core::ConfigError>([&] { make("temperature", 0.0); }, {"normality.temperature"});
  test::expect_error<core::ConfigError>([&] { make("sup_blur_sigma_px", -1.0); }, {"normality.sup_blur_sigma_px"});
  test::expect_error<core::ConfigError>([&] { make("scaling", "minmax"); }, {"normality.scaling", "per_image_minmax"});
}

}  // namespace
}  // namespace normadd::normality
