// SPDX-License-Identifier: Apache-2.0
#include "detectors/saved_format.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::detectors {
namespace {

using Json = nlohmann::ordered_json;

const Json kSettings{{"network", "n"}, {"detector", {{"name", "ours"}, {"ratio", 0.5}}}};

class SavedFormatTest : public ::testing::Test {
 protected:
  void refused(const Detector::Notes& header, const Json& settings, int format,
               const std::vector<std::string>& mentions) const {
    const auto path = directory_ / "model.safetensors";
    networks::write_safetensors(path, {{"bank", at::ones({2})}}, header);
    test::expect_error<core::WeightsError>(
        [&] { require_saved(networks::SafetensorsFile::open(path), settings, format); }, mentions);
  }
  test::TemporaryDirectory directory_;
};

TEST_F(SavedFormatTest, WhatWasSavedIsAccepted) {
  const auto path = directory_ / "model.safetensors";
  networks::write_safetensors(path, {{"bank", at::ones({2})}}, saved_header({{"category", "nut"}}, kSettings, 3));
  const auto file = networks::SafetensorsFile::open(path);
  EXPECT_NO_THROW(require_saved(file, kSettings, 3));
  EXPECT_EQ(file.metadata().at("category"), "nut");
}

TEST_F(SavedFormatTest, OtherFormatsAreNamed) {
  const auto header = saved_header({}, kSettings, 3);
  refused(header, kSettings, 2, {"format '3'", "reads format 2", "model.safetensors"});
  refused(header, kSettings, 4, {"format '3'", "reads format 4", "fit the detector again"});
  refused({{"normadd.detector", kSettings.dump()}}, kSettings, 2, {"without a number", "reads format 2"});
}

TEST(SettingsText, TakesPathsOfAnyBytes) {
  EXPECT_EQ(settings_text(Json{{"root", "/maps"}}), "{\"root\":\"/maps\"}");
  EXPECT_NE(settings_text(Json{{"root", "/ma\xffps"}}).find("/ma"), std::string::npos);
}

TEST_F(SavedFormatTest, AnotherDetectorIsNamedBeforeItsFormat) {
  Json theirs = kSettings;
  theirs["detector"]["name"] = "theirs";
  refused(saved_header({}, theirs, 9), kSettings, 1, {"detector 'theirs', not 'ours'", "detector=theirs"});
}

TEST_F(SavedFormatTest, OtherSettingsAreNamed) {
  Json other = kSettings;
  other["detector"]["ratio"] = 0.25;
  refused(saved_header({}, other, 1), kSettings, 1, {"detector.ratio was 0.25 and is now 0.5"});
}

TEST_F(SavedFormatTest, FilesThatHoldNoDetectorAreRefused) {
  refused({}, kSettings, 1, {"not a saved detector"});
  refused({{"normadd.detector", "[1"}, {"normadd.format", "1"}}, kSettings, 1, {"damaged"});
  refused({{"normadd.detector", R"({"detector": {"name": 3}})"}, {"normadd.format", "1"}}, kSettings, 1,
          {"detector.name was 3"});
}

}  // namespace
}  // namespace normadd::detectors
