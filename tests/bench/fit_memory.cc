// SPDX-License-Identifier: Apache-2.0
#include "bench/fit_memory.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

#include "core/progress.h"
#include "core/random.h"
#include "detectors/patchcore.h"
#include "networks/formula_weights.h"
#include "networks/resnet.h"

namespace normadd::bench {
namespace {

constexpr int kSide = 256;

std::uint64_t status_bytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    std::uint64_t kilobytes = 0;
    if (word == key + ":" && status >> kilobytes) return kilobytes * 1024;
  }
  throw std::runtime_error("/proc/self/status has no " + key);
}

/// Grain on a slope whose place differs from picture to picture.
imaging::Image picture(std::size_t number) {
  core::RandomStream random(number, "picture");
  const std::size_t phase = random.index(kSide);
  imaging::Image image(kSide, kSide, 3);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < 3 * kSide; ++x) {
      image.row(y)[x] = static_cast<std::uint8_t>((static_cast<std::size_t>(x / 3 + y) + phase) / 4 + random.index(64));
    }
  }
  return image;
}

std::shared_ptr<const networks::FeatureExtractor> network(const detectors::FeatureRequest& request) {
  const auto architecture =
      networks::resnet_architecture("wide_resnet50_2", networks::WeightSource(networks::TensorMap{}, "formula"), 3);
  networks::Preprocessing preprocessing = networks::Preprocessing::imagenet(request.resize_px, request.crop_px);
  preprocessing.mode = request.resize_mode;
  return networks::make_resnet("wide_resnet50_2", networks::formula_resnet(architecture), "formula", request.taps,
                               preprocessing);
}

void fit_and_measure(FitMemory& memory) {
  at::set_num_threads(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  core::Progress::set_enabled(false);
  detectors::PatchCoreOptions options;
  options.profile = memory.profile;
  const auto extractor = network(options.feature_request());
  detectors::PatchCore patchcore(options, extractor);
  const imaging::Size size{kSide, kSide};
  const auto num_images = static_cast<std::uint64_t>(memory.num_images);
  const imaging::Size grid = extractor->grids(extractor->preprocessing().geometry(size).crop).front();
  const auto dims = detectors::embedding_dims(extractor->channels(), options.settings().embedding);
  const std::uint64_t image_bytes = static_cast<std::uint64_t>(grid.height * grid.width * dims) * sizeof(float);
  memory.bank_bytes = num_images * image_bytes;
  memory.batch_bytes = static_cast<std::uint64_t>(options.batch_size) * image_bytes;
  memory.estimated_bytes = patchcore.memory_estimate(num_images, size).fit_bytes;

  std::ofstream("/proc/self/clear_refs") << 5;  // the highest size so far is forgotten
  const std::uint64_t before = status_bytes("VmRSS");
  patchcore.fit({num_images, picture}, 0);
  memory.peak_bytes = status_bytes("VmHWM") - before;
}

}  // namespace

FitMemory measure_fit_memory(const std::string& profile, int num_images) {
  FitMemory memory{profile, num_images};
  std::uint64_t numbers[4] = {};
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) {
    fit_and_measure(memory);
    const std::uint64_t found[4] = {memory.bank_bytes, memory.batch_bytes, memory.estimated_bytes, memory.peak_bytes};
    const bool written = ::write(ends[1], found, sizeof(found)) == sizeof(found);
    ::_exit(written ? EXIT_SUCCESS : EXIT_FAILURE);
  }
  ::close(ends[1]);
  const bool read = ::read(ends[0], numbers, sizeof(numbers)) == sizeof(numbers);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  if (!read) throw std::runtime_error("the measured process failed");
  memory.bank_bytes = numbers[0];
  memory.batch_bytes = numbers[1];
  memory.estimated_bytes = numbers[2];
  memory.peak_bytes = numbers[3];
  return memory;
}

void print_fit_memory(const FitMemory& memory) {
  const auto megabytes = [](std::uint64_t bytes) { return static_cast<double>(bytes) / (1u << 20); };
  fmt::print(
      "{:<9} {:>4} images: peak {:>7.1f} MiB = {:.3f} x (bank {:.1f} + one batch {:.1f}); estimate {:.1f} = "
      "{:.3f} x peak\n",
      memory.profile, memory.num_images, megabytes(memory.peak_bytes),
      static_cast<double>(memory.peak_bytes) / static_cast<double>(memory.bank_bytes + memory.batch_bytes),
      megabytes(memory.bank_bytes), megabytes(memory.batch_bytes), megabytes(memory.estimated_bytes),
      static_cast<double>(memory.estimated_bytes) / static_cast<double>(memory.peak_bytes));
}

}  // namespace normadd::bench
