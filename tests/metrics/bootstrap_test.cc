// SPDX-License-Identifier: Apache-2.0
// The bootstrap against a twin that draws the same images one by one and measures them with image_auroc, and laws.
#include "metrics/bootstrap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "metrics/roc.h"
#include "support/expect_error.h"

namespace normadd::metrics {
namespace {

using Labels = std::vector<std::uint8_t>;

struct Sample {
  std::vector<std::size_t> strata;
  std::vector<double> scores;
  Labels labels;
};

/// Strata of 1 to 12 images in mixed order; stratum 0 is normal, and half of the others. Coarse scores tie often.
Sample draw_sample(core::RandomStream& random, bool coarse) {
  Sample sample;
  const std::size_t num_strata = 2 + random.index(5);
  for (std::size_t stratum = 0; stratum < num_strata; ++stratum) {
    const std::size_t size = 1 + random.index(12);
    for (std::size_t i = 0; i < size; ++i) sample.strata.push_back(stratum);
  }
  random.shuffle(sample.strata);
  for (const std::size_t stratum : sample.strata) {
    sample.labels.push_back(stratum % 2 == 1 ? 1 : 0);
    sample.scores.push_back(coarse ? static_cast<double>(random.index(4)) : random.normal());
  }
  return sample;
}

/// The images of one replicate, as the header says they are drawn.
std::vector<std::size_t> drawn_images(const std::vector<std::size_t>& strata, core::RandomStream& stream) {
  std::vector<std::size_t> drawn;
  const std::size_t num_strata = *std::max_element(strata.begin(), strata.end()) + 1;
  for (std::size_t stratum = 0; stratum < num_strata; ++stratum) {
    std::vector<std::size_t> members;
    for (std::size_t image = 0; image < strata.size(); ++image) {
      if (strata[image] == stratum) members.push_back(image);
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
      const double place = stream.uniform() * static_cast<double>(members.size());
      drawn.push_back(members.at(static_cast<std::size_t>(std::floor(place))));
    }
  }
  return drawn;
}

double auroc_of(const Sample& sample, const std::vector<std::size_t>& drawn) {
  std::vector<double> scores;
  Labels labels;
  for (const std::size_t image : drawn) {
    scores.push_back(sample.scores[image]);
    labels.push_back(sample.labels[image]);
  }
  return image_auroc(scores, labels);
}

TEST(Bootstrap, EqualsTheTwinThatDrawsEveryImage) {
  core::RandomStream random(7, "samples");
  for (int repeat = 0; repeat < 40; ++repeat) {
    const Sample sample = draw_sample(random, repeat % 2 == 0);
    const core::RandomStream stream(static_cast<std::uint64_t>(repeat), "draws");
    const std::size_t num_replicates = 1 + random.index(600);  // below, at and above one block
    const ResampledImages images(sample.strata, num_replicates, stream);
    const auto aurocs = resampled_aurocs(images, sample.scores, sample.labels);
    ASSERT_EQ(aurocs.size(), num_replicates);
    core::RandomStream replayed = stream;
    for (const double auroc : aurocs) {
      ASSERT_NEAR(auroc, auroc_of(sample, drawn_images(sample.strata, replayed)), 1e-12) << "repeat " << repeat;
    }
  }
}

TEST(Bootstrap, IsExactWhereSinglePrecisionWouldNotBe) {
  // 6000 x 3000 pairs, doubled: above 2^24.
  core::RandomStream random(3, "large");
  Sample sample;
  for (std::size_t i = 0; i < 9000; ++i) {
    const bool anomalous = i % 3 == 0;
    sample.strata.push_back(anomalous ? 1 : 0);
    sample.labels.push_back(anomalous ? 1 : 0);
    sample.scores.push_back(random.normal() + (anomalous ? 0.5 : 0));
  }
  const core::RandomStream stream(1, "draws");
  const auto aurocs = resampled_aurocs(ResampledImages(sample.strata, 3, stream), sample.scores, sample.labels);
  core::RandomStream replayed = stream;
  for (const double auroc : aurocs) {
    EXPECT_NEAR(auroc, auroc_of(sample, drawn_images(sample.strata, replayed)), 1e-12);
  }
}

TEST(Bootstrap, EveryReplicateHasTheSizesOfTheStrata) {
  const std::vector<std::size_t> strata{0, 1, 0, 2, 1, 0};
  const ResampledImages images(strata, 50, core::RandomStream(0, "sizes"));
  for (std::size_t replicate = 0; replicate < 50; ++replicate) {
    std::vector<float> drawn(3, 0);
    for (std::size_t image = 0; image < strata.size(); ++image) drawn[strata[image]] += images.counts(image)[replicate];
    EXPECT_EQ(drawn, (std::vector<float>{3, 2, 1}));
  }
}

TEST(Bootstrap, FollowsItsStreamAlone) {
  const std::vector<std::size_t> strata(20, 0);
  const auto counts = [&](const core::RandomStream& stream) {
    std::vector<float> all;
    const ResampledImages images(strata, 30, stream);
    for (std::size_t image = 0; image < strata.size(); ++image) {
      all.insert(all.end(), images.counts(image).begin(), images.counts(image).end());
    }
    return all;
  };
  EXPECT_EQ(counts({5, "a"}), counts({5, "a"}));
  EXPECT_NE(counts({5, "a"}), counts({5, "b"}));
  EXPECT_NE(counts({5, "a"}), counts({6, "a"}));
}

TEST(Bootstrap, PerfectAndConstantScoresDoNotVary) {
  const std::vector<std::size_t> strata{0, 0, 0, 1, 1};
  const Labels labels{0, 0, 0, 1, 1};
  const ResampledImages images(strata, 100, core::RandomStream(0, "laws"));
  EXPECT_EQ(resampled_aurocs(images, std::vector<double>{1, 2, 3, 4, 5}, labels), std::vector<double>(100, 1.0));
  EXPECT_EQ(resampled_aurocs(images, std::vector<double>{4, 5, 6, 2, 3}, labels), std::vector<double>(100, 0.0));
  EXPECT_EQ(resampled_aurocs(images, std::vector<double>(5, 2.5), labels), std::vector<double>(100, 0.5));
}

TEST(Bootstrap, IsUndefinedWithoutAClassAndRefusesBadScores) {
  const ResampledImages images(std::vector<std::size_t>{0, 0}, 2, core::RandomStream(0, "bad"));
  const std::vector<double> scores{1, 2};
  for (const double auroc : resampled_aurocs(images, scores, Labels{0, 0})) EXPECT_TRUE(std::isnan(auroc));
  const std::vector<double> bad{1, std::numeric_limits<double>::infinity()};
  test::expect_error<core::DataError>([&] { resampled_aurocs(images, bad, Labels{0, 1}); }, {"finite"});
  test::expect_error<core::DataError>([&] { resampled_aurocs(images, scores, Labels{0}); }, {"number"});
}

TEST(PercentileInterval, InterpolatesBetweenNeighbours) {
  std::vector<double> values;
  for (int i = 100; i >= 0; --i) values.push_back(i);
  const PercentileInterval all = percentile_interval(values, 0.95);
  EXPECT_NEAR(all.low, 2.5, 1e-12);
  EXPECT_NEAR(all.high, 97.5, 1e-12);
  const PercentileInterval one = percentile_interval({0.25}, 0.95);
  EXPECT_EQ(one.low, 0.25);
  EXPECT_EQ(one.high, 0.25);
  EXPECT_TRUE(std::isnan(percentile_interval({}, 0.95).low));
  EXPECT_TRUE(std::isnan(percentile_interval({0, std::nan("")}, 0.95).high));
}

}  // namespace
}  // namespace normadd::metrics
