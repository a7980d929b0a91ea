// SPDX-License-Identifier: Apache-2.0
// PatchCore with a WideResNet-50-2 of random weights: seconds per step beside the floor that this machine sets and the
// seconds that other implementations were measured to take on two cores.
// Peers' seconds: 40 images at 224 px, 40,960 x 1024 features -> 4096; amazon-science/patchcore-inspection and
// anomalib 2.0, both with PyTorch on two cores of another machine, so ratios are orders of magnitude.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bench/fit_memory.h"
#include "bench/machine_speed.h"
#include "core/progress.h"
#include "core/random.h"
#include "detectors/coreset.h"
#include "detectors/nearest_neighbours.h"
#include "detectors/patch_embedding.h"
#include "detectors/random_projection.h"
#include "networks/formula_weights.h"
#include "networks/resnet.h"

namespace normadd {
namespace {

constexpr int kImages = 40;
constexpr int kBatch = 4;
constexpr int kDims = 1024;
constexpr std::int64_t kProjected = 128, kKept = 4096;

struct Row {
  std::string step;
  double seconds = 0;
  double floor_operations = 0;
  std::string floor_is;
  std::optional<double> amazon_seconds, anomalib_seconds;
};

template <typename Work>
double seconds_of(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Broad blotches under fine grain: neighbouring patches resemble each other as they do in photographs.
at::Tensor pictures(int count, int side) {
  core::RandomStream random(1, "pictures");
  at::Tensor coarse = at::empty({count, 3, 9, 9}), fine = at::empty({count, 3, side, side});
  for (at::Tensor* tensor : {&coarse, &fine}) {
    for (std::int64_t i = 0; i < tensor->numel(); ++i)
      tensor->data_ptr<float>()[i] = static_cast<float>(random.normal());
  }
  return at::upsample_bilinear2d(coarse, {side, side}, false) + 0.2 * fine;
}

at::Tensor embeddings(const networks::FeatureExtractor& network, const at::Tensor& images) {
  std::vector<at::Tensor> rows;
  for (std::int64_t first = 0; first < images.size(0); first += kBatch) {
    const std::int64_t count = std::min<std::int64_t>(kBatch, images.size(0) - first);
    rows.push_back(detectors::patch_embeddings(network.features(images.narrow(0, first, count)),
                                               {detectors::Pooling::kAdaptive, kDims, kDims}));
  }
  return at::cat(rows);
}

std::string peer(double seconds, const std::optional<double>& theirs) {
  return theirs ? fmt::format("{:>8.3f} s {:>6.1f} x", *theirs, *theirs / seconds) : fmt::format("{:>19}", "-");
}

at::Tensor normal_rows(std::int64_t count, std::int64_t dims) {
  core::RandomStream random(2, "rows");
  at::Tensor rows = at::empty({count, dims});
  for (std::int64_t i = 0; i < rows.numel(); ++i) rows.data_ptr<float>()[i] = static_cast<float>(random.normal());
  return rows;
}

class Bench {
 public:
  Bench() {
    const auto architecture =
        networks::resnet_architecture("wide_resnet50_2", networks::WeightSource(networks::TensorMap{}, "formula"), 3);
    network_ = networks::make_resnet("wide_resnet50_2", networks::formula_resnet(architecture), "formula",
                                     {"layer2", "layer3"}, networks::Preprocessing::imagenet(256, 224));
  }

  void run() {
    machine_ = bench::measure_machine();
    embeddings(*network_, pictures(1, 224));  // plans and pages of the first pass
    time_features(224);
    const at::Tensor features = time_features(256);
    const at::Tensor bank = time_coreset(features);
    time_prediction(bank);
    // Again, for the case that something else ran during the first measurement.
    const bench::MachineSpeed again = bench::measure_machine();
    machine_.flops_per_s = std::max(machine_.flops_per_s, again.flops_per_s);
    machine_.bytes_per_s = std::max(machine_.bytes_per_s, again.bytes_per_s);
    print();
    const std::int64_t num_rows = features.size(0);
    const double scans = static_cast<double>(num_rows * kKept * kProjected) * sizeof(float);
    fmt::print("\nA coreset that reads all projected rows for each of its {} picks moves {:.0f} GB: {:.1f} s here.\n",
               kKept, scans / 1e9, scans / machine_.bytes_per_s);
    const at::Tensor noise = normal_rows(num_rows, kProjected);
    fmt::print("Ours takes {:.3f} s even on noise, which has no structure to use.\n",
               seconds_of([&] { select(noise); }));
  }

 private:
  void print() const {
    fmt::print("PatchCore, WideResNet-50-2, random weights, {} threads\n", at::get_num_threads());
    fmt::print("this machine: {:.0f} GFLOP/s in a float32 matrix product, {:.1f} GB/s read\n\n",
               machine_.flops_per_s / 1e9, machine_.bytes_per_s / 1e9);
    fmt::print("{:<36} {:>10} {:>10} {:>8}   {:>19} {:>19}   {}\n", "step", "ours", "floor", "of floor", "amazon",
               "anomalib", "floor is");
    for (const Row& row : rows_) {
      const double floor_seconds = row.floor_operations / machine_.flops_per_s;
      fmt::print("{:<36} {:>8.3f} s {:>8.3f} s {:>7.1f}x   {} {}   {}\n", row.step, row.seconds, floor_seconds,
                 row.seconds / floor_seconds, peer(row.seconds, row.amazon_seconds),
                 peer(row.seconds, row.anomalib_seconds), row.floor_is);
    }
  }

  at::Tensor time_features(int side) {
    const at::Tensor images = pictures(kImages, side);
    at::Tensor features;
    Row row;
    row.step = fmt::format("features, {} images at {} px", kImages, side);
    row.seconds = seconds_of([&] { features = embeddings(*network_, images); });
    row.floor_operations = kImages * network_->flops({side, side});
    row.floor_is = "the network's operations";
    if (side == 224) row.amazon_seconds = 12.8, row.anomalib_seconds = 8.7;
    rows_.push_back(row);
    return features;
  }

  std::vector<std::int64_t> select(const at::Tensor& projected) {
    core::RandomStream random(0, "starts");
    return detectors::greedy_coreset(projected, detectors::random_rows(projected.size(0), 10, random), kKept,
                                     "coreset");
  }

  at::Tensor time_coreset(const at::Tensor& features) {
    core::RandomStream random(0, "projection");
    const at::Tensor projection = detectors::uniform_projection(kDims, kProjected, random);
    at::Tensor bank;
    Row row;
    row.step = fmt::format("coreset, {} x {} -> {}", features.size(0), kDims, kKept);
    row.seconds = seconds_of([&] {
      const auto selected = select(detectors::project(features, projection));
      bank = features.index_select(0, at::tensor(selected, at::kLong));
    });
    row.floor_operations = 2.0 * static_cast<double>(features.numel() * kProjected);
    row.floor_is = "projecting alone";
    row.amazon_seconds = 18.8, row.anomalib_seconds = 77.4;
    rows_.push_back(row);
    return bank;
  }

  void time_prediction(const at::Tensor& bank) {
    constexpr int kPredicted = 8;
    const at::Tensor images = pictures(kPredicted, 224);
    const detectors::NearestNeighbours neighbours(bank);
    at::Tensor queries;
    const double features = seconds_of([&] { queries = embeddings(*network_, images); }) / kPredicted;
    const double search = seconds_of([&] { neighbours.find(queries); }) / kPredicted;
    const double patches = static_cast<double>(queries.size(0)) / kPredicted;
    const double products = 2.0 * patches * static_cast<double>(bank.numel());
    const double network = network_->flops({224, 224});
    rows_.push_back({"neighbours of one image's patches", search, products, "the products' operations", {}, {}});
    rows_.push_back({"prediction, one image at 224 px", features + search, network + products, "both", {}, 0.294});
  }

  std::unique_ptr<networks::FeatureExtractor> network_;
  bench::MachineSpeed machine_;
  std::vector<Row> rows_;
};

}  // namespace
}  // namespace normadd

// "normadd_bench memory" measures memory alone, which takes no quiet machine.
int main(int argc, char** argv) {
  // First, because it forks.
  fmt::print("Peak memory of a PatchCore fit, the loaded network not counted:\n");
  for (const char* profile : {"amazon", "anomalib"}) {
    for (const int num_images : {40, 100}) {
      normadd::bench::print_fit_memory(normadd::bench::measure_fit_memory(profile, num_images));
      std::fflush(stdout);
    }
  }
  if (argc > 1 && std::string(argv[1]) == "memory") return EXIT_SUCCESS;
  fmt::print("\n");
  at::set_num_threads(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  normadd::core::Progress::set_enabled(false);
  normadd::Bench().run();
  return EXIT_SUCCESS;
}
