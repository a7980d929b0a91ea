// SPDX-License-Identifier: Apache-2.0
// normadd evaluate on the demo dataset, small, with maps as another tool would leave them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "datasets/dataset.h"
#include "datasets/procedural.h"
#include "detectors/geometry_record.h"
#include "imaging/codec.h"
#include "imaging/map_codec.h"
#include "imaging/resample.h"
#include "support/temporary_directory.h"
#include "tools/program_run.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;

constexpr int kSide = 64;

imaging::Map map_of(const datasets::Sample& sample) {
  imaging::Map map(kSide, kSide);
  if (sample.mask) {
    const imaging::Mask mask = imaging::read_mask(*sample.mask);
    std::copy(mask.pixels.begin(), mask.pixels.end(), map.values.begin());
  }
  return map;
}

/// Data and perfect maps of two categories.
class Evaluate : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new test::TemporaryDirectory;
    datasets::DemoOptions demo;
    demo.side_px = kSide;
    demo.train_good = 3;
    demo.test_good = 3;
    demo.test_per_type = 2;
    datasets::write_demo_dataset(data().string(), demo);
    dataset_ = new datasets::Dataset(datasets::read_mvtec_ad(data(), {"carpet", "grid"}));
    for (const auto& category : dataset_->categories) {
      for (const auto& sample : category.train) imaging::write_tiff_map(map_path("maps", sample), map_of(sample));
      for (const auto& sample : category.test) imaging::write_tiff_map(map_path("maps", sample), map_of(sample));
    }
  }
  static void TearDownTestSuite() {
    delete dataset_;
    delete directory_;
  }

  static fs::path data() { return *directory_ / "data"; }
  static fs::path map_path(const std::string& folder, const datasets::Sample& sample,
                           const std::string& extension = ".tiff") {
    return (*directory_ / folder / sample.id).replace_extension(extension);
  }
  static std::vector<std::string> arguments(const std::string& folder, const std::vector<std::string>& more = {}) {
    std::vector<std::string> all{"evaluate",
                                 "--quiet",
                                 "--maps",
                                 (*directory_ / folder).string(),
                                 "dataset=mvtec_ad",
                                 "dataset.root=" + data().string(),
                                 "dataset.categories=[carpet,grid]"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static nlohmann::json json_of(const std::string& folder, std::vector<std::string> more = {}) {
    more.emplace_back("--json");
    const Outcome outcome = run_quietly(arguments(folder, more));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
    return nlohmann::json::parse(outcome.out, nullptr, false);
  }
  /// NaN when the value is null; fails when there is no such row.
  static double value(const nlohmann::json& json, const std::string& category, const std::string& metric,
                      const std::string& added = "") {
    for (const auto& row : json["metrics"]) {
      if (row["category"] != category || row["metric"] != metric || row["added"].is_null() != added.empty() ||
          (!added.empty() && row["added"] != added)) {
        continue;
      }
      return row["value"].is_null() ? std::nan("") : row["value"].get<double>();
    }
    ADD_FAILURE() << "no " << metric << " of " << category << " " << added;
    return std::nan("");
  }

  static test::TemporaryDirectory* directory_;
  static datasets::Dataset* dataset_;
};
test::TemporaryDirectory* Evaluate::directory_ = nullptr;
datasets::Dataset* Evaluate::dataset_ = nullptr;

TEST_F(Evaluate, PerfectMapsArePerfectInEveryMetric) {
  const auto json = json_of("maps", {"--per-type", "--anomalous-only"});
  std::size_t rows = 0;
  for (const auto& row : json["metrics"]) {
    EXPECT_NEAR(row["value"].get<double>(), 1.0, 1e-12) << row;
    EXPECT_LE(row["value"].get<double>(), 1.0) << row;
    ++rows;
  }
  EXPECT_EQ(rows, 2u * 6 * (3 + 2 * 4));  // two categories, all and five types
  EXPECT_NEAR(json["macro_means"]["aupro_original"].get<double>(), 1.0, 1e-12);
  EXPECT_EQ(json["aupro"]["variant"], "exact");
}

TEST_F(Evaluate, OnNewLabelsTheDetectorStillCallsTheAddedTypeDefective) {
  const auto& carpet = dataset_->categories[0];
  const std::string added = carpet.defect_types[0];
  const auto json = json_of("maps", {"--added", added});
  // Maxima are 1 on added and retained images and 0 on good ones: ties count half.
  const double types = static_cast<double>(carpet.defect_types.size());
  const double normal = 3 + 2, tied = 2;
  EXPECT_DOUBLE_EQ(value(json, "carpet", "image_auroc_before", added), (normal - tied + 0.5 * tied) / normal);
  EXPECT_LT(value(json, "carpet", "pixel_ap_before", added), 1.0);
  EXPECT_EQ(value(json, "carpet", "image_auroc_original"), 1.0);
  const auto pairs = json_of("maps", {"--pairs"});
  const auto num_pairs = std::count_if(pairs["metrics"].begin(), pairs["metrics"].end(), [](const auto& row) {
    return row["category"] == "carpet" && row["metric"] == "aupro_before";
  });
  EXPECT_EQ(num_pairs, static_cast<std::ptrdiff_t>(types));
}

TEST_F(Evaluate, FormatsAndGeometriesGiveTheSameNumbers) {
  // Noise, so that the numbers say something; multiples of 1/256, so that PNG holds them.
  for (const auto& category : dataset_->categories) {
    for (const auto& sample : category.test) {
      imaging::Map map = map_of(sample);
      std::uint32_t state = static_cast<std::uint32_t>(std::hash<std::string>{}(sample.id));
      imaging::Image grey(kSide, kSide, 1);
      for (std::size_t p = 0; p < map.values.size(); ++p) {
        state = state * 1664525u + 1013904223u;
        const auto level = static_cast<std::uint8_t>((state >> 25) + (map.values[p] > 0 ? 60 : 0));
        grey.pixels[p] = level;
        map.values[p] = static_cast<float>(level) / 256;
      }
      imaging::write_tiff_map(map_path("noisy", sample), map);
      imaging::write_npy_map(map_path("noisy_npy", sample, ".npy"), map);
      imaging::write_png(map_path("noisy_png", sample, ".png"), grey);
      // A tool that resized to 64 and kept the middle 32.
      imaging::Map middle(32, 32);
      for (int y = 0; y < 32; ++y) std::copy_n(map.row(y + 16) + 16, 32, middle.row(y));
      imaging::write_tiff_map(map_path("cropped", sample), middle);
    }
  }
  const auto tiff = json_of("noisy");
  EXPECT_LT(value(tiff, "carpet", "pixel_auroc_original"), 1.0);
  EXPECT_EQ(json_of("noisy_npy")["metrics"], tiff["metrics"]);
  EXPECT_EQ(json_of("noisy_png", {"--scale", "0.00390625"})["metrics"], tiff["metrics"]);
  // The map covers the image pixel by pixel, so both grids are the same.
  EXPECT_EQ(json_of("noisy", {"--resolution", "image"})["metrics"], tiff["metrics"]);
  const auto cropped = json_of("cropped", {"--resize", "64", "--crop", "32"});
  const auto whole = json_of("cropped", {"--resize", "64", "--crop", "32", "--resolution", "image"});
  EXPECT_NE(value(cropped, "carpet", "pixel_auroc_original"), value(tiff, "carpet", "pixel_auroc_original"));
  EXPECT_NE(value(cropped, "carpet", "pixel_auroc_original"), value(whole, "carpet", "pixel_auroc_original"));
  EXPECT_EQ(value(cropped, "carpet", "image_auroc_original"), value(whole, "carpet", "image_auroc_original"));
  expect_refusal(arguments("noisy_png"), {".png", "scale"});
  expect_refusal(arguments("noisy", {"--resize", "64", "--crop", "65"}), {"64", "65"});
  expect_refusal(arguments("noisy", {"--crop", "32"}), {"--crop", "--resize"});
}

TEST_F(Evaluate, EachDefinitionOfAuproHasItsName) {
  EXPECT_EQ(value(json_of("maps", {"--aupro", "official", "--limit", "0.05"}), "grid", "aupro_official_0.05_original"),
            value(json_of("maps", {"metrics.aupro=official", "metrics.aupro_limit=0.05"}), "grid",
                  "aupro_official_0.05_original"));
  const Outcome table = run_quietly(arguments("maps", {"--limit", "1"}));
  EXPECT_NE(table.out.find("AUPRO@100% (exact)"), std::string::npos) << table.out;
  EXPECT_NE(table.out.find("mean (macro)"), std::string::npos);
  expect_refusal(arguments("maps", {"--aupro", "oficial"}), {"metrics.aupro", "official"});
  expect_refusal(arguments("maps", {"--limit", "0"}), {"metrics.aupro_limit"});
  expect_refusal(arguments("maps", {"--limit", "30"}), {"metrics.aupro_limit"});
}

TEST_F(Evaluate, WritesTablesOfNumbersAndMarksAThresholdChosenOnTest) {
  const fs::path out = *directory_ / "out";
  const Outcome outcome = run_quietly(
      arguments("maps", {"--threshold", "f1:test", "--tune-on-test", "--out", out.string(), "--name", "x"}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
  EXPECT_NE(outcome.out.find("tuned on TEST"), std::string::npos) << outcome.out;
  const auto metrics = core::read_csv(out / "metrics.csv");
  bool found = false;
  for (const auto& row : metrics.rows) {
    EXPECT_EQ(row[metrics.column("detector")], "x");
    found = found || row[metrics.column("metric")] == "image_f1_original_tuned_on_test";
  }
  EXPECT_TRUE(found);
  const auto scores = core::read_csv(out / "scores.csv");
  EXPECT_EQ(scores.rows.size(), dataset_->categories[0].test.size() + dataset_->categories[1].test.size());
  const auto thresholds = core::read_csv(out / "thresholds.csv");
  ASSERT_EQ(thresholds.rows.size(), 2u);
  EXPECT_EQ(thresholds.rows[0][thresholds.column("tuned_on_test")], "1");

  expect_refusal(arguments("maps", {"--threshold", "f1:test"}), {"test set", "--tune-on-test"});
  const auto quantile = json_of("maps", {"--threshold", "train_quantile:1"});
  EXPECT_EQ(quantile["thresholds"][0]["threshold"], 0.0);
  EXPECT_EQ(quantile["thresholds"][0]["tuned_on_test"], false);
  EXPECT_EQ(value(quantile, "carpet", "image_fpr_original"), 1.0);  // good images score 0 too
  EXPECT_EQ(value(json_of("maps", {"--threshold", "manual:0.5"}), "grid", "image_f1_original"), 1.0);
}

TEST_F(Evaluate, NativeScoresComeFromATable) {
  std::string csv = "image,score\n";
  for (const auto& category : dataset_->categories) {
    for (const auto& sample : category.test) csv += sample.id + (sample.anomalous() ? ",1\n" : ",2\n");
  }
  const fs::path file = *directory_ / "native.csv";
  core::write_file_atomically(file, csv);
  const auto json = json_of("maps", {"--scores", file.string()});
  EXPECT_EQ(value(json, "grid", "image_auroc_original_native"), 0.0);
  EXPECT_EQ(value(json, "grid", "image_auroc_original"), 1.0);
  core::write_file_atomically(file, "image,score\ncarpet/test/good/000.png,1\n");
  expect_refusal(arguments("maps", {"--scores", file.string()}), {"native.csv", "carpet", "no score"});
  core::write_file_atomically(file, "image,score\ncarpet/test/good/000.png,high\n");
  expect_refusal(arguments("maps", {"--scores", file.string()}), {"native.csv:2", "'high'"});
  core::write_file_atomically(file, "image,value\n");
  expect_refusal(arguments("maps", {"--scores", file.string()}), {"native.csv:1", "score"});
}

TEST_F(Evaluate, WhatIsWrongIsSaidInOneSentence) {
  expect_refusal({"evaluate"}, {"--maps"});
  expect_refusal({"evaluate", "--maps", "/nowhere"}, {"/nowhere", "--maps"});
  expect_refusal(arguments("maps", {"--limt", "0.3"}), {"--limt", "--limit"});
  expect_refusal(arguments("maps", {"detector=patchcore"}), {"detector=patchcore", "dataset and metrics"});
  expect_refusal(arguments("maps", {"+"}), {"'+'"});
  expect_refusal(arguments("maps", {"--added", "no_such_type"}), {"no_such_type", "--added"});
  expect_refusal(arguments("maps", {"metrics.aupr=exact"}), {"metrics.aupr", "metrics.aupro"});

  // A record that lacks a picture's size is no licence to lay its map over the whole picture.
  fs::copy(*directory_ / "maps", *directory_ / "recorded", fs::copy_options::recursive);
  detectors::GeometryRecord record;
  record.add(imaging::Geometry::shorter_side({480, 640}, 256, 224));
  record.write(*directory_ / "recorded" / detectors::GeometryRecord::kFileName);
  expect_refusal(arguments("recorded"), {"geometry.json", "64x64", "--resize"});

  fs::copy(*directory_ / "maps", *directory_ / "broken", fs::copy_options::recursive);
  const auto& sample = dataset_->categories[1].test[1];
  const fs::path file = map_path("broken", sample);
  fs::remove(file);
  expect_refusal(arguments("broken"), {"1 of", "grid test images have no map", "001.tiff"});
  core::write_file_atomically(file, "not a map");
  expect_refusal(arguments("broken", {"--out", (*directory_ / "never").string()}), {file.filename().string()});
  EXPECT_FALSE(fs::exists(*directory_ / "never" / "metrics.csv"));
  imaging::Map bad = map_of(sample);
  bad.values[7] = std::nanf("");
  imaging::write_tiff_map(file, bad);
  expect_refusal(arguments("broken"), {file.string()});
  imaging::write_tiff_map(file, imaging::Map(20, 10));
  expect_refusal(arguments("broken", {"--resize", "64"}), {file.string(), "10x20", "64x64"});
}

}  // namespace
}  // namespace normadd::tools
