// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/atomic_file.h"
#include "core/error.h"
#include "detectors/patchcore_fixture.h"
#include "support/expect_error.h"

namespace normadd::detectors {
namespace {

using core::DataError;
using core::WeightsError;
using test::expect_error;

TEST_F(PatchCoreTest, ReloadedDetectorGivesTheSameBytesUnderEveryProfile) {
  for (const std::string profile : {"amazon", "paper", "anomalib"}) {
    const auto path = directory_.path() / (profile + ".safetensors");
    const PatchCoreOptions options = profile_options(profile);
    const PatchCore original = fitted(options);
    original.save(path);
    PatchCore reloaded(options, network_);
    reloaded.load(path);
    expect_same_bytes(reloaded.predict(test_), original.predict(test_));
    const auto again = directory_.path() / "again.safetensors";
    reloaded.save(again);
    EXPECT_EQ(core::read_file(again), core::read_file(path));
  }
}

TEST_F(PatchCoreTest, FilesOfAnotherFormatAreRefused) {
  const auto path = directory_.path() / "patchcore.safetensors";
  const PatchCore original = fitted(small_options());
  original.save(path);
  auto header = networks::SafetensorsFile::open(path).metadata();
  for (const std::string format : {"1", "3", ""}) {
    header["normadd.format"] = format;
    const auto other = directory_.path() / "other.safetensors";
    networks::write_safetensors(other, {{"bank", original.bank()}}, header);
    PatchCore reloaded(small_options(), network_);
    expect_error<WeightsError>([&] { reloaded.load(other); }, {"reads format 2", other.string()});
  }
}

TEST_F(PatchCoreTest, FewShotsAreTheImagesThatWereChosen) {
  PatchCoreOptions options = small_options();
  options.coreset_ratio = 1;
  const at::Tensor all = fitted(options).bank();
  ImageSource named = source_of(train_);
  named.ids = {"c", "a", "b"};
  options.few_shot.shots = 2;
  PatchCore two(options, network_);
  two.fit(named, 0);
  EXPECT_TRUE(at::allclose(two.bank(), all.narrow(0, 64, 128), 1e-5, 1e-6));  // a and b are the second and the third
  EXPECT_LT(two.memory_estimate(3, {46, 54}).fit_bytes,
            PatchCore(small_options(), network_).memory_estimate(3, {46, 54}).fit_bytes);
  const auto path = directory_.path() / "two.safetensors";
  two.save(path);
  options.few_shot.shots = 1;
  expect_error<WeightsError>([&] { PatchCore(options, network_).load(path); }, {"detector.shots was 2 and is now 1"});
  options.few_shot.shots = 4;
  expect_error<DataError>([&] { PatchCore(options, network_).fit(named, 0); }, {"4 shots", "only 3"});
}

TEST_F(PatchCoreTest, OptionsThatChangeNoPredictionMayDiffer) {
  const auto path = directory_.path() / "patchcore.safetensors";
  fitted(small_options()).save(path);
  PatchCoreOptions options = small_options();
  options.batch_size = 7;
  options.memory_limit_gb = 1;
  EXPECT_NO_THROW(PatchCore(options, network_).load(path));
}

TEST_F(PatchCoreTest, LoadingUnderOtherSettingsNamesTheDifference) {
  const auto path = directory_.path() / "patchcore.safetensors";
  fitted(small_options()).save(path);
  const auto refused = [&](const PatchCoreOptions& options, const SmallNetwork& network,
                           const std::vector<std::string>& mentions) {
    PatchCore other(options, std::make_shared<SmallNetwork>(network));
    expect_error<WeightsError>([&] { other.load(path); }, mentions);
  };
  PatchCoreOptions options = small_options();
  options.coreset_ratio = 0.5;
  refused(options, *network_, {"detector.coreset_ratio was 0.25 and is now 0.5", path.string()});
  options = small_options();
  options.blur_sigma_px = std::nullopt;
  refused(options, *network_, {"detector.blur_sigma_px was 4.0 and is now null"});
  SmallNetwork network = *network_;
  network.weights_sha256_ = "4567";
  refused(small_options(), network, {"weights_sha256 was \"0123\" and is now \"4567\""});
  network = *network_;
  network.preprocessing_.filter = imaging::Filter::kBicubic;
  refused(small_options(), network, {"preprocessing.filter was \"bilinear\" and is now \"bicubic\""});
  network = *network_;
  network.description_ = "other taps";
  refused(small_options(), network, {"network was \"small network\" and is now \"other taps\""});
}

TEST_F(PatchCoreTest, ForeignAndDamagedFilesAreRefused) {
  const auto path = directory_.path() / "file.safetensors";
  PatchCore patchcore(small_options(), network_);
  networks::write_safetensors(path, {{"bank", at::ones({3, 64})}});
  expect_error<WeightsError>([&] { patchcore.load(path); }, {path.string(), "not a saved detector"});

  fitted(small_options()).save(path);
  const auto saved = networks::SafetensorsFile::open(path);
  const auto rewritten = directory_.path() / "rewritten.safetensors";
  const auto refused = [&](const at::Tensor& bank, const std::vector<std::string>& mentions) {
    networks::write_safetensors(rewritten, {{"bank", bank}}, saved.metadata());
    expect_error<WeightsError>([&] { patchcore.load(rewritten); }, mentions);
  };
  refused(at::ones({3, 63}), {"bank", rewritten.string()});
  refused(at::ones({0, 64}), {"bank"});
  refused(at::ones({3, 64}, at::kDouble), {"bank"});
  refused(at::full({3, 64}, std::nanf("")), {"bank", "not finite"});
  auto damaged = saved.metadata();
  damaged["normadd.detector"] = "[1";
  networks::write_safetensors(rewritten, {{"bank", at::ones({3, 64})}}, damaged);
  expect_error<WeightsError>([&] { patchcore.load(rewritten); }, {"damaged", rewritten.string()});
}

}  // namespace
}  // namespace normadd::detectors
