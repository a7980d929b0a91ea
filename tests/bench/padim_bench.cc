// SPDX-License-Identifier: Apache-2.0
// PaDiM with a ResNet-18 (100 dimensions) and a WideResNet-50-2 (550) of random weights: seconds of fit and prediction,
// resizing and network included, and memory, beside what the reference was measured to take on two cores of another
// machine (so ratios are orders of magnitude).
// Peers: xiahaifeng1995/PaDiM-Anomaly-Detection-Localization-master, 224 px: ResNet-18 fit 3.1 s and 139 ms per image,
// WideResNet-50-2 with 550 dimensions 4.3 s per image and 8.3 GB.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bench/machine_speed.h"
#include "core/progress.h"
#include "core/random.h"
#include "detectors/padim.h"
#include "networks/formula_weights.h"
#include "networks/resnet.h"

namespace normadd {
namespace {

constexpr double kGigabyte = 1e9;

template <typename Work>
double seconds_of(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// A line of this process's state, in bytes: "VmRSS" = now, "VmHWM" = the most since the last reset.
double resident_bytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key + ":")) return std::strtod(line.c_str() + key.size() + 1, nullptr) * 1024;
  }
  return 0;
}

void reset_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

/// Grain over broad blotches, 256 px.
imaging::Image picture(std::uint64_t seed) {
  constexpr int kSide = 256, kBlotch = 32;
  core::RandomStream random(seed, "picture");
  std::vector<double> blotches(kSide / kBlotch * kSide / kBlotch * 3);
  for (double& value : blotches) value = random.uniform(60, 190);
  imaging::Image image(kSide, kSide, 3);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const std::size_t y = i / (3 * kSide), x = i / 3 % kSide, channel = i % 3;
    const double value =
        blotches[(y / kBlotch * (kSide / kBlotch) + x / kBlotch) * 3 + channel] + random.uniform(-9, 9);
    image.pixels[i] = static_cast<std::uint8_t>(value);
  }
  return image;
}

struct Peer {
  std::optional<double> fit_s, predict_s, peak_bytes;
};

std::string compared(double ours, const std::optional<double>& theirs, const char* unit) {
  if (!theirs) return fmt::format("{:>9.3f} {:<2} {:>11} {:>8}", ours, unit, "-", "-");
  return fmt::format("{:>9.3f} {:<2} {:>8.3f} {:<2} {:>6.1f} x", ours, unit, *theirs, unit, *theirs / ours);
}

void time_padim(const std::string& backbone, std::size_t num_train, const Peer& peer) {
  const auto architecture =
      networks::resnet_architecture(backbone, networks::WeightSource(networks::TensorMap{}, "formula"), 3);
  detectors::PadimOptions options;
  const detectors::FeatureRequest request = options.feature_request();
  networks::Preprocessing preprocessing = networks::Preprocessing::imagenet(request.resize_px, request.crop_px);
  preprocessing.filter = request.filter;
  const std::shared_ptr<const networks::FeatureExtractor> network =
      networks::make_resnet(backbone, networks::formula_resnet(architecture), "formula", request.taps, preprocessing);
  std::vector<imaging::Image> images;
  for (std::size_t i = 0; i < num_train; ++i) images.push_back(picture(i));
  const auto features_of = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      network->features(networks::preprocess(std::span(images).subspan(i, 1), network->preprocessing()));
    }
  };
  features_of(2);  // plans and pages of the first passes
  const double network_s = seconds_of([&] { features_of(8); }) / 8;

  const double before = resident_bytes("VmRSS");
  detectors::Padim padim(options, network);
  const auto estimate = padim.memory_estimate(num_train, images[0].size());
  reset_peak();
  const double fit_s = seconds_of([&] { padim.fit({images.size(), [&](std::size_t i) { return images[i]; }}, 0); });
  const double fit_peak = resident_bytes("VmHWM");
  reset_peak();
  const auto predict_s = [&](std::size_t count) {
    return seconds_of([&] { padim.predict(std::span(images).first(count)); }) / static_cast<double>(count);
  };
  const double one_s = std::min(predict_s(1), predict_s(1));
  const double eight_s = std::min(predict_s(8), predict_s(8));
  const double predict_peak = resident_bytes("VmHWM");

  const double floor_s =
      static_cast<double>(padim.gaussians().factor().nbytes()) / bench::measure_machine().bytes_per_s;
  fmt::print("{}, {} dimensions, {} training images\n", backbone, padim.gaussians().dims(), num_train);
  fmt::print("  {:<34} {:>12} {:>11} {:>8}\n", "", "ours", "reference", "ratio");
  fmt::print("  {:<34} {}\n", "features of one image", compared(network_s, {}, "s"));
  fmt::print("  {:<34} {}\n", "fit", compared(fit_s, peer.fit_s, "s"));
  fmt::print("  {:<34} {}\n", "prediction per image, one at a time", compared(one_s, peer.predict_s, "s"));
  fmt::print("  {:<34} {}\n", "prediction per image, eight at once", compared(eight_s, peer.predict_s, "s"));
  fmt::print("  {:<34} {:>9.3f} s\n", "reading all factors once", floor_s);
  const auto memory = [&](const char* step, double peak, std::uint64_t estimated) {
    fmt::print(
        "  {:<34} {}\n", fmt::format("peak memory, {}", step),
        compared(peak / kGigabyte, peer.peak_bytes ? std::optional(*peer.peak_bytes / kGigabyte) : std::nullopt, "GB"));
    const double grown = peak - before;
    fmt::print("  {:<34} {:>9.3f} GB, estimated {:.3f} GB ({:+.0f} %)\n", "  of it by the detector", grown / kGigabyte,
               static_cast<double>(estimated) / kGigabyte, 100 * (static_cast<double>(estimated) / grown - 1));
  };
  memory("fit", fit_peak, estimate.fit_bytes);
  memory("prediction", predict_peak, estimate.predict_bytes);
  fmt::print("\n");
}

}  // namespace
}  // namespace normadd

int main() {
  at::set_num_threads(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  normadd::core::Progress::set_enabled(false);
  fmt::print("PaDiM, random weights, {} threads\n\n", at::get_num_threads());
  normadd::time_padim("resnet18", 40, {3.1, 0.139, {}});
  normadd::time_padim("wide_resnet50_2", 80, {{}, 4.3, 8.3e9});
  return EXIT_SUCCESS;
}
