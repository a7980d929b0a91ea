// SPDX-License-Identifier: Apache-2.0
// Pixel metrics against scikit-learn, MVTec's definitions and anomalib (tests/golden/metrics/make_aupro_goldens.py), a
// brute-force twin, and properties.
#include "metrics/aupro.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/random.h"
#include "metrics/binned_pixel_metrics.h"
#include "metrics/regions.h"
#include "metrics/roc.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::metrics {
namespace {

struct Picture {
  std::string group;
  std::vector<float> map;
  std::vector<std::uint8_t> mask;
};
using Pictures = std::vector<Picture>;

const std::map<std::string, AuproVariant> kVariants{{"exact", AuproVariant::kExact},
                                                    {"official", AuproVariant::kOfficial},
                                                    {"cflow", AuproVariant::kCflow},
                                                    {"anomalib", AuproVariant::kAnomalib}};

PixelRole anomalous_unless_good(const std::string& group) {
  return group == "good" ? PixelRole::kNormal : PixelRole::kAnomalous;
}

PixelScores scores_of(const Pictures& pictures, std::size_t width) {
  PixelScores scores;
  for (const auto& picture : pictures) scores.add(picture.group, picture.map, picture.mask, width);
  return scores;
}

Pictures golden_pictures(const nlohmann::json& one) {
  Pictures pictures;
  for (std::size_t i = 0; i < one["levels"].size(); ++i) {
    Picture picture;
    for (const auto& level : one["levels"][i]) {
      picture.map.push_back(static_cast<float>(level.get<double>() / one["scale"].get<double>()));
    }
    for (const char pixel : one["masks"][i].get<std::string>()) picture.mask.push_back(pixel == '1' ? 1 : 0);
    const bool is_good = std::count(picture.mask.begin(), picture.mask.end(), 1) == 0;
    picture.group = is_good ? "good" : "type" + std::to_string(i % 2);
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

nlohmann::json golden_cases() { return nlohmann::json::parse(core::read_file(test::golden("metrics/aupro.json"))); }

TEST(PixelMetrics, EqualTheReferencesWithTies) {
  const auto cases = golden_cases();
  ASSERT_EQ(cases.size(), 5u);
  for (const auto& one : cases) {
    PixelScores scores = scores_of(golden_pictures(one), one["width"].get<std::size_t>());
    for (const bool anomalous_only : {false, true}) {
      const auto& expected = one[anomalous_only ? "anomalous_only" : "all"];
      const PixelSelection selection = scores.select(anomalous_unless_good, anomalous_only);
      for (const auto& [limit, by_variant] : expected["aupro"].items()) {
        for (const auto& [name, value] : by_variant.items()) {
          const auto found = pixel_metrics(selection, {kVariants.at(name), std::stod(limit)});
          const std::string what = one["name"].get<std::string>() + " " + name + " " + limit;
          EXPECT_NEAR(found.auroc, expected["auroc"].get<double>(), 1e-12) << what;
          EXPECT_NEAR(found.average_precision, expected["average_precision"].get<double>(), 1e-12) << what;
          EXPECT_NEAR(found.f1_max, expected["f1_max"].get<double>(), 1e-12) << what;
          EXPECT_EQ(found.num_regions, expected["num_regions"].get<std::size_t>()) << what;
          if (value.is_null()) {
            EXPECT_TRUE(std::isnan(found.aupro)) << what;
          } else {
            // anomalib computes in float32.
            EXPECT_NEAR(found.aupro, value.get<double>(), name == "anomalib" ? 2e-6 : 1e-9) << what;
          }
        }
      }
    }
  }
}

/// The definition, threshold by threshold and pixel by pixel.
PixelMetrics by_brute_force(const Pictures& pictures, std::size_t width,
                            const std::function<PixelRole(const std::string&)>& role_of, bool anomalous_only,
                            double limit) {
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
  std::vector<std::vector<float>> regions;
  std::vector<float> normal;
  for (const auto& picture : pictures) {
    const PixelRole role = role_of(picture.group);
    if (role == PixelRole::kIgnored || (anomalous_only && role == PixelRole::kNormal)) continue;
    const Regions found = find_regions(picture.mask, width);
    std::vector<std::vector<float>> here(found.sizes.size());
    for (std::size_t i = 0; i < picture.map.size(); ++i) {
      const bool anomalous = role == PixelRole::kAnomalous && found.labels[i] != 0;
      scores.push_back(picture.map[i]);
      labels.push_back(anomalous ? 1 : 0);
      if (anomalous) {
        here[found.labels[i] - 1].push_back(picture.map[i]);
      } else {
        normal.push_back(picture.map[i]);
      }
    }
    if (role == PixelRole::kAnomalous) regions.insert(regions.end(), here.begin(), here.end());
  }
  const std::set<double, std::greater<>> thresholds(scores.begin(), scores.end());
  const auto share_from = [](const std::vector<float>& values, double threshold) {
    return static_cast<double>(
               std::count_if(values.begin(), values.end(), [&](float value) { return value >= threshold; })) /
           static_cast<double>(values.size());
  };
  double area = 0, last_rate = 0, last_overlap = 0;
  for (const double threshold : thresholds) {
    const double rate = share_from(normal, threshold);
    double overlap = 0;
    for (const auto& region : regions) overlap += share_from(region, threshold) / static_cast<double>(regions.size());
    const double width_left = limit - last_rate;
    if (rate <= limit) {
      area += (rate - last_rate) * (overlap + last_overlap) / 2;
    } else if (width_left > 0) {
      const double at_limit = last_overlap + (overlap - last_overlap) * width_left / (rate - last_rate);
      area += width_left * (at_limit + last_overlap) / 2;
    }
    last_rate = rate;
    last_overlap = overlap;
  }
  return {image_auroc(scores, labels),
          average_precision(scores, labels),
          f1_max(scores, labels),
          area / limit,
          normal.size(),
          scores.size() - normal.size(),
          regions.size()};
}

Pictures random_pictures(core::RandomStream& random, std::size_t width, std::size_t height) {
  const char* groups[] = {"good", "hole", "cut", "print"};
  const bool coarse = random.chance(0.5);
  Pictures pictures;
  for (int i = 0; i < 6; ++i) {
    Picture picture{groups[i % 4], {}, {}};
    for (std::size_t p = 0; p < width * height; ++p) {
      picture.mask.push_back(i % 4 != 0 && random.chance(0.15) ? 1 : 0);
      const double score = random.normal() + (picture.mask.back() != 0 ? 1 : 0);
      picture.map.push_back(static_cast<float>(coarse ? std::round(2 * score) : score));
    }
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

TEST(PixelMetrics, EqualTheDefinitionForEveryChoiceOfGroups) {
  core::RandomStream random(3, "pixel metrics");
  for (int round = 0; round < 20; ++round) {
    const Pictures pictures = random_pictures(random, 11, 8);
    PixelScores scores = scores_of(pictures, 11);
    std::map<std::string, PixelRole> roles;
    for (const char* group : {"good", "hole", "cut", "print"}) roles[group] = static_cast<PixelRole>(random.index(3));
    roles["hole"] = PixelRole::kAnomalous;
    const auto role_of = [&](const std::string& group) { return roles.at(group); };
    const bool anomalous_only = random.chance(0.3);
    const double limit = random.chance(0.3) ? 1.0 : random.uniform(0.01, 1);
    const auto expected = by_brute_force(pictures, 11, role_of, anomalous_only, limit);
    const auto found = pixel_metrics(scores.select(role_of, anomalous_only), {AuproVariant::kExact, limit});
    EXPECT_NEAR(found.auroc, expected.auroc, 1e-12);
    EXPECT_NEAR(found.average_precision, expected.average_precision, 1e-12);
    EXPECT_NEAR(found.f1_max, expected.f1_max, 1e-12);
    EXPECT_NEAR(found.aupro, expected.aupro, 1e-12);
    EXPECT_EQ(found.num_normal, expected.num_normal);
    EXPECT_EQ(found.num_anomalous, expected.num_anomalous);
    EXPECT_EQ(found.num_regions, expected.num_regions);
  }
}

TEST(PixelMetrics, DoNotDependOnTheOrderOfMapsNorOnWhenTheyAreAsked) {
  core::RandomStream random(4, "order");
  Pictures pictures = random_pictures(random, 9, 7);
  PixelScores scores = scores_of(pictures, 9);
  const auto expected = pixel_metrics(scores.select(anomalous_unless_good), {});
  std::reverse(pictures.begin(), pictures.end());
  PixelScores reversed;
  for (const auto& picture : pictures) {
    reversed.add(picture.group, picture.map, picture.mask, 9);
    pixel_metrics(reversed.select(anomalous_unless_good), {});  // sorts what is there so far
  }
  const auto found = pixel_metrics(reversed.select(anomalous_unless_good), {});
  EXPECT_EQ(found.auroc, expected.auroc);
  EXPECT_NEAR(found.average_precision, expected.average_precision, 1e-14);
  EXPECT_NEAR(found.aupro, expected.aupro, 1e-14);
}

TEST(PixelMetrics, AreUndefinedWithoutBothClasses) {
  PixelScores scores;
  for (const auto& [name, variant] : kVariants) {
    EXPECT_TRUE(std::isnan(pixel_metrics(scores.select(anomalous_unless_good), {variant, 0.3}).aupro)) << name;
  }
  scores.add("good", std::vector<float>{1, 2}, std::vector<std::uint8_t>{0, 0}, 2);
  scores.add("hole", std::vector<float>{3, 4}, std::vector<std::uint8_t>{1, 1}, 2);
  for (const auto& [name, variant] : kVariants) {
    for (const char* only : {"good", "hole"}) {
      const auto found = pixel_metrics(scores.select([&](const std::string& group) {
        return group == only ? anomalous_unless_good(group) : PixelRole::kIgnored;
      }),
                                       {variant, 0.3});
      EXPECT_TRUE(std::isnan(found.auroc) && std::isnan(found.average_precision) && std::isnan(found.f1_max));
      EXPECT_TRUE(std::isnan(found.aupro)) << name << " " << only;
    }
  }
  EXPECT_EQ(pixel_metrics(scores.select(anomalous_unless_good), {}).aupro, 1.0);
}

TEST(PixelMetrics, RefuseMapsThatDoNotFitAndLimitsThatAreNoRates) {
  PixelScores scores;
  const std::vector<std::uint8_t> mask{0, 1};
  test::expect_error<core::DataError>([&] { scores.add("a", std::vector<float>{1}, mask, 1); }, {"differ in size"});
  const std::vector<float> bad{1, std::numeric_limits<float>::quiet_NaN()};
  test::expect_error<core::DataError>([&] { scores.add("a", bad, mask, 1); }, {"finite"});
  test::expect_error<core::DataError>([&] { scores.add("a", std::vector<float>{1, 2}, mask, 3); }, {"rows of 3"});
  for (const double limit : {0.0, -0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    test::expect_error<core::ConfigError>(
        [&] {
          pixel_metrics(scores.select(anomalous_unless_good), {AuproVariant::kExact, limit});
        },
        {"aupro_limit"});
  }
}

TEST(BinnedPixelMetrics, AreCloseToTheExactOnes) {
  core::RandomStream random(8, "binned metrics");
  PixelScores exact;
  BinnedPixelMetrics binned(0.2);
  for (int image = 0; image < 6; ++image) {
    std::vector<float> map(4800);
    std::vector<std::uint8_t> mask(map.size(), 0);
    for (std::size_t i = 0; i < map.size(); ++i) {
      mask[i] = i % 80 > 40 && i / 80 > 30 && i / 80 < 40 ? 1 : 0;
      map[i] = static_cast<float>(std::exp(random.normal()) * (mask[i] != 0 ? 3 : 1));
    }
    exact.add("all", map, mask, 80);
    binned.add(map, mask, 80);
  }
  const auto expected = pixel_metrics(exact.select(anomalous_unless_good), {AuproVariant::kExact, 0.2});
  const auto found = binned.value();
  EXPECT_EQ(found.num_regions, expected.num_regions);
  EXPECT_EQ(found.num_normal, expected.num_normal);
  EXPECT_NEAR(found.auroc, expected.auroc, 2e-6);
  EXPECT_NEAR(found.average_precision, expected.average_precision, 1e-3);
  EXPECT_NEAR(found.f1_max, expected.f1_max, 1e-3);
  EXPECT_NEAR(found.aupro, expected.aupro, 1e-4);
}

TEST(AuproOptions, NamesTellDefinitionsApart) {
  EXPECT_EQ(aupro_name({}), "aupro");
  EXPECT_EQ(aupro_name({AuproVariant::kOfficial, 0.05}), "aupro_official_0.05");
  EXPECT_EQ(aupro_heading({}), "AUPRO@30% (exact)");
  EXPECT_EQ(aupro_heading({AuproVariant::kCflow, 0.07}), "AUPRO@7% (cflow)");
  std::set<std::string> names;
  for (const auto& name : aupro_variant_names()) {
    for (const double limit : {0.3, 0.05, 1.0, 1e-5}) {
      const AuproOptions options{parse_aupro_variant(name), limit};
      EXPECT_TRUE(names.insert(aupro_name(options)).second);
      EXPECT_EQ(parse_aupro_name(aupro_name(options)), options);
    }
  }
  EXPECT_FALSE(parse_aupro_name("pixel_auroc"));
  EXPECT_FALSE(parse_aupro_name("aupro_offcial"));
  test::expect_error<core::ConfigError>([] { parse_aupro_variant("offcial"); }, {"offcial", "official"});
}

}  // namespace
}  // namespace normadd::metrics
