// SPDX-License-Identifier: Apache-2.0
#include "detectors/patch_embedding.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "detectors/small_network.h"

namespace normadd::detectors {
namespace {

PatchEmbeddingOptions options_of(const at::Tensor& dims) {
  return {Pooling::kAdaptive, static_cast<int>(dims[0].item<std::int64_t>()),
          static_cast<int>(dims[1].item<std::int64_t>())};
}

const PatchEmbeddingOptions kAverage{Pooling::kAverage};

class PatchEmbeddingGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(PatchEmbeddingGolden, EqualsUnfoldingUpsamplingAndPoolingEveryPlane) {
  const auto file = patchcore_golden();
  const std::string prefix = std::string("embedding.") + GetParam();
  std::vector<at::Tensor> maps;
  while (file.contains(prefix + ".map" + std::to_string(maps.size()))) {
    maps.push_back(file.tensor(prefix + ".map" + std::to_string(maps.size())));
  }
  ASSERT_FALSE(maps.empty());
  const at::Tensor expected = file.tensor(prefix + ".rows");
  const at::Tensor found = patch_embeddings(maps, options_of(file.tensor(prefix + ".dims")));
  ASSERT_EQ(found.sizes(), expected.sizes());
  const double scale = expected.abs().max().item<double>();
  EXPECT_LE((found - expected).abs().max().item<double>(), 1e-5 * scale);
}

INSTANTIATE_TEST_SUITE_P(Detectors, PatchEmbeddingGolden, ::testing::Values("wide", "micro", "single", "finer_second"));

TEST(PatchEmbedding, ImagesOfABatchDoNotMix) {
  const std::vector<at::Tensor> maps{at::randn({3, 6, 5, 4}), at::randn({3, 4, 3, 2})};
  const at::Tensor together = patch_embeddings(maps, {Pooling::kAdaptive, 16, 12});
  for (int i = 0; i < 3; ++i) {
    const at::Tensor alone =
        patch_embeddings({maps[0].narrow(0, i, 1), maps[1].narrow(0, i, 1)}, {Pooling::kAdaptive, 16, 12});
    EXPECT_TRUE(at::equal(together.narrow(0, i * 20, 20), alone)) << i;
  }
}

TEST(PatchEmbedding, AnyMemoryLayoutGivesTheSameRows) {
  const at::Tensor map = at::randn({2, 8, 5, 4});
  EXPECT_TRUE(
      at::equal(patch_embeddings({map}, {Pooling::kAdaptive, 16, 12}),
                patch_embeddings({map.contiguous(at::MemoryFormat::ChannelsLast)}, {Pooling::kAdaptive, 16, 12})));
}

TEST(PatchEmbedding, BordersCountZerosOutsideTheMap) {
  // One channel of ones, pooled to one value: the mean of nine with the missing ones as zeros.
  const at::Tensor rows = patch_embeddings({at::ones({1, 1, 3, 3})}, {Pooling::kAdaptive, 1, 1}).reshape({3, 3});
  EXPECT_FLOAT_EQ(rows[1][1].item<float>(), 1.0f);
  EXPECT_FLOAT_EQ(rows[0][1].item<float>(), 6.0f / 9);
  EXPECT_FLOAT_EQ(rows[0][0].item<float>(), 4.0f / 9);
}

TEST(PatchEmbedding, AverageKeepsAllChannelsAndCountsZerosOutsideTheMap) {
  const at::Tensor map = at::randn({2, 3, 5, 4});
  const at::Tensor rows = patch_embeddings({map}, kAverage);
  const at::Tensor padded = at::constant_pad_nd(map, {1, 1, 1, 1});
  ASSERT_EQ(rows.sizes(), (std::vector<std::int64_t>{40, 3}));
  EXPECT_EQ(embedding_dims({3, 4}, kAverage), 7);
  for (std::int64_t y = 0; y < 5; ++y) {
    for (std::int64_t x = 0; x < 4; ++x) {
      const at::Tensor mean = padded[1].narrow(1, y, 3).narrow(2, x, 3).sum({1, 2}) / 9;
      EXPECT_TRUE(at::allclose(rows[20 + y * 4 + x], mean, 1e-5, 1e-6)) << y << " " << x;
    }
  }
}

TEST(PatchEmbedding, AverageBringsEveryLayerToTheFirstGrid) {
  const at::Tensor fine = at::randn({1, 2, 6, 6}), coarse = at::randn({1, 3, 3, 3});
  const at::Tensor both = patch_embeddings({fine, coarse}, kAverage);
  EXPECT_TRUE(at::equal(both.narrow(1, 0, 2), patch_embeddings({fine}, kAverage)));
  const at::Tensor averaged = patch_embeddings({coarse}, kAverage).t().reshape({1, 3, 3, 3});
  const at::Tensor upsampled = at::upsample_bilinear2d(averaged, {6, 6}, false).reshape({3, 36}).t();
  EXPECT_TRUE(at::allclose(both.narrow(1, 2, 3), upsampled, 1e-5, 1e-6));
}

}  // namespace
}  // namespace normadd::detectors
