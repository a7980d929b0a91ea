// SPDX-License-Identifier: Apache-2.0
// WinCLIP with a ViT-B-16-plus-240 of random weights: seconds per image; and the texts of both zero-shot detectors.
// Peers' seconds: anomalib's WinCLIP 4.2 s per image, open_clip 43 s for APRIL-GAN's 420 prompts at ViT-L-14, PyTorch
// on two cores of another machine, so ratios are orders of magnitude.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "bench/machine_speed.h"
#include "core/progress.h"
#include "core/random.h"
#include "detectors/winclip.h"

namespace normadd {
namespace {

constexpr int kImages = 4;

/// Of the clock on the wall, and of all threads' work: on a machine that others use, the second is the one to trust.
struct Seconds {
  double wall = 0, work = 0;
};

std::string text(const Seconds& seconds) {
  return fmt::format("{:.2f} s ({:.2f} s of work)", seconds.wall, seconds.work);
}

Seconds seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t clock = std::clock();
  work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
          static_cast<double>(std::clock() - clock) / CLOCKS_PER_SEC};
}

/// Large towers fill quicker from ATen's generator than from the project's.
void randomise(networks::Clip& clip) {
  at::manual_seed(1);
  for (auto& [name, tensor] : clip.weights()) {
    if (tensor.dim() < 2) continue;
    tensor.normal_(0, 1 / std::sqrt(static_cast<double>(tensor.numel()) / static_cast<double>(tensor.size(0))));
  }
}

std::shared_ptr<networks::Clip> model(const std::string& name, const detectors::StateEnsemble& ensemble) {
  // One token per word, as the real vocabulary has it for these words.
  std::vector<std::string> words;
  for (const auto* states : {&ensemble.normal, &ensemble.anomalous}) {
    for (const auto& text : ensemble.texts(*states, "hazelnut")) words.push_back(text);
  }
  auto tokenizer = networks::Tokenizer::from_merges(networks::Tokenizer::learn_merges(words, 2000));
  networks::ClipConfig config;
  config.vocabulary = static_cast<int>(tokenizer.size());
  config.patch_px = 16;
  config.image_px = 240;
  config.embedding = 640;
  config.vision = {.width = 896, .layers = 12, .heads = 14, .mlp_width = 3584};
  config.text = {.width = 640, .layers = 12, .heads = 10, .mlp_width = 2560};
  if (name == "ViT-L-14") {  // its image tower is not measured: one block of it
    config.embedding = 768;
    config.vision = {.width = 64, .layers = 1, .heads = 1, .mlp_width = 64};
    config.text = {.width = 768, .layers = 12, .heads = 12, .mlp_width = 3072};
  }
  config.preprocessing = networks::Preprocessing::clip(240, networks::ResizeMode::kSquash);
  auto clip = std::make_shared<networks::Clip>(networks::Clip::random(config, std::move(tokenizer), 1));
  randomise(*clip);
  return clip;
}

std::vector<imaging::Image> pictures() {
  core::RandomStream random(1, "pictures");
  std::vector<imaging::Image> images;
  for (int i = 0; i < kImages; ++i) {
    imaging::Image image(256, 256, 3);
    for (auto& pixel : image.pixels) pixel = static_cast<std::uint8_t>(random.index(256));
    images.push_back(std::move(image));
  }
  return images;
}

Seconds best_of_images(const detectors::WinClip& winclip, const std::vector<imaging::Image>& images) {
  Seconds best{1e30, 1e30};
  for (const auto& image : images) {
    const Seconds seconds = seconds_of([&] { winclip.predict({&image, 1}); });
    best = {std::min(best.wall, seconds.wall), std::min(best.work, seconds.work)};
  }
  return best;
}

void texts(const std::string& model_name, const std::string& ensemble_name) {
  detectors::TextStateOptions options;
  options.prompts = std::string(NORMADD_SOURCE_DIR) + "/data/prompts/detectors/" + ensemble_name + ".yaml";
  const auto ensemble = detectors::read_state_ensemble(options.prompts);
  const auto clip = model(model_name, ensemble);
  std::vector<std::string> all = ensemble.texts(ensemble.normal, "hazelnut");
  const auto anomalous = ensemble.texts(ensemble.anomalous, "hazelnut");
  all.insert(all.end(), anomalous.begin(), anomalous.end());
  const at::Tensor lengths = clip->tokenize(all).argmax(1) + 1;
  const Seconds seconds = seconds_of([&] { clip->encode_texts(all); });
  fmt::print("{}: {} texts of {} to {} tokens at {}: {}\n", ensemble_name, all.size(),
             lengths.min().item<std::int64_t>(), lengths.max().item<std::int64_t>(), model_name, text(seconds));
}

void run() {
  const auto machine = bench::measure_machine();
  fmt::print("{} threads; this machine: {:.0f} GFLOP/s in a float32 matrix product\n", at::get_num_threads(),
             machine.flops_per_s / 1e9);
  texts("ViT-L-14", "april_gan");
  texts("ViT-B-16-plus-240", "winclip");

  detectors::WinClipOptions options;
  options.texts.prompts = std::string(NORMADD_SOURCE_DIR) + "/data/prompts/detectors/winclip.yaml";
  const auto clip = model("ViT-B-16-plus-240", detectors::read_state_ensemble(options.texts.prompts));
  const auto images = pictures();
  const detectors::ImageSource train{images.size(), [&](std::size_t i) { return images[i]; }, "hazelnut"};
  double exact_score = 0;
  for (const auto& [shots, precision] :
       std::vector<std::pair<int, std::string>>{{0, "float32"}, {4, "float32"}, {0, "bfloat16"}}) {
    options.shots.shots = shots;
    options.precision = precision;
    detectors::WinClip winclip(options, clip);
    const Seconds fit = seconds_of([&] { winclip.fit(train, 0); });
    fmt::print("WinCLIP, {} shots, {}: fit {}, {} per image\n", shots, precision, text(fit),
               text(best_of_images(winclip, images)));
    const double score = winclip.predict({&images[0], 1}).front().score;
    if (shots == 0 && precision == "float32") exact_score = score;
    if (shots == 0) fmt::print("  score of the first picture {:.6f}, off by {:.2g}\n", score, score - exact_score);
  }
}

}  // namespace
}  // namespace normadd

/// normadd_winclip_bench [THREADS]
int main(int count, char** arguments) {
  const int all = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  at::set_num_threads(count > 1 ? std::max(1, std::atoi(arguments[1])) : all);
  normadd::core::Progress::set_enabled(false);
  normadd::run();
  return EXIT_SUCCESS;
}
