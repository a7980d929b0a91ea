// SPDX-License-Identifier: Apache-2.0
#include "training/april_gan_training.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/log.h"
#include "core/progress.h"
#include "core/random.h"
#include "training/adamw.h"
#include "training/checkpoint.h"
#include "training/loss_curve.h"
#include "training/mosaic.h"
#include "training/segmentation_loss.h"

namespace normadd::training {
namespace {

namespace fs = std::filesystem;

networks::Preprocessing squashed(networks::Preprocessing preprocessing) {
  preprocessing.mode = networks::ResizeMode::kSquash;
  return preprocessing;
}

class AprilGanTraining {
 public:
  AprilGanTraining(const networks::Clip& clip, const SampleSource& source, const StateTextsOf& texts,
                   const AprilGanTrainingOptions& options, const fs::path& out)
      : clip_(clip),
        source_(source),
        texts_(texts),
        options_(options),
        out_(out),
        preprocessing_(squashed(clip.preprocessing())),
        layers_(networks::DenseLayers::random(clip.config(), options.taps, options.temperature, options.seed)),
        optimiser_(layers_.weights, {.beta1 = options.beta1, .beta2 = options.beta2}),
        curve_({"loss", "focal", "dice"}) {
    if (options.mosaic_probability > 0) mosaic_.emplace(source);
  }

  networks::DenseLayers run() {
    const auto steps_per_epoch =
        static_cast<std::int64_t>((source_.count + static_cast<std::size_t>(options_.batch) - 1) / options_.batch);
    const auto state = out_ / "checkpoint" / "state.safetensors", curve = out_ / "checkpoint" / "loss_curve.csv";
    // The model and the data belong to the run as much as the options do.
    const std::string identity =
        options_text(options_) + fmt::format(" clip={} image_px={} samples={} of {}", clip_.weights_sha256(),
                                             clip_.config().image_px, source_.count, source_.identity);
    const std::int64_t done = load_checkpoint(state, layers_.weights, optimiser_, identity).value_or(0);
    curve_.restore(curve, done);
    core::make_directories(out_ / "checkpoint");
    if (done < options_.epochs * steps_per_epoch) {
      core::Progress progress("training linear layers",
                              static_cast<std::size_t>(options_.epochs * steps_per_epoch - done));
      for (std::int64_t epoch = done / steps_per_epoch; epoch < options_.epochs; ++epoch) {
        run_epoch(epoch, progress);
        curve_.write_csv(curve);
        save_checkpoint(state, layers_.weights, optimiser_, identity);
      }
    }
    layers_.clip_sha256 = clip_.weights_sha256();
    layers_.save(out_ / "dense_layers.safetensors");
    curve_.write_csv(out_ / "loss_curve.csv");
    curve_.write_svg(out_ / "loss_curve.svg", "loss");
    fs::remove_all(out_ / "checkpoint");
    return layers_;
  }

 private:
  void run_epoch(std::int64_t epoch, core::Progress& progress) {
    std::vector<std::size_t> order(source_.count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    core::RandomStream(options_.seed, fmt::format("april-gan-epoch/{}", epoch)).shuffle(order);
    for (std::size_t begin = 0; begin < order.size(); begin += static_cast<std::size_t>(options_.batch)) {
      const std::size_t end = std::min(order.size(), begin + static_cast<std::size_t>(options_.batch));
      std::vector<SegmentationSample> samples;
      for (std::size_t i = begin; i < end; ++i) samples.push_back(sample_of(order[i], epoch));
      take_step(std::move(samples));
      progress.note(fmt::format("loss {:.3f}", curve_.recent("loss")));
      progress.advance();
    }
  }

  SegmentationSample sample_of(std::size_t number, std::int64_t epoch) const {
    if (mosaic_) {
      core::RandomStream random(options_.seed, fmt::format("april-gan-mosaic/{}/{}", epoch, number));
      if (random.chance(options_.mosaic_probability)) {
        std::array<SegmentationSample, 4> parts;
        const auto drawn = mosaic_->draw(source_.group(number).category, random);
        std::transform(drawn.begin(), drawn.end(), parts.begin(), [&](std::size_t i) { return checked(i); });
        return mosaic_of(parts);
      }
    }
    return checked(number);
  }

  SegmentationSample checked(std::size_t number) const {
    SegmentationSample sample = source_.sample(number);
    if (sample.mask.pixels.empty() || sample.mask.size() == sample.image.size()) return sample;
    throw core::DataError(fmt::format("the mask has {}x{} pixels, the image {}x{}", sample.mask.width,
                                      sample.mask.height, sample.image.width, sample.image.height),
                          sample.category, "Masks must have the size of their image.");
  }

  void take_step(std::vector<SegmentationSample> samples) {
    std::vector<imaging::Image> images;
    std::vector<at::Tensor> masks, texts;
    for (SegmentationSample& sample : samples) {
      masks.push_back(mask_tensor(sample));
      texts.push_back(directions(sample.category));
      images.push_back(std::move(sample.image));
    }
    const at::Tensor mask = at::stack(masks), text = at::stack(texts);  // [B, H, W], [B, 2, E]
    const auto tokens = [&] {
      const at::NoGradGuard frozen;
      return clip_.encode_patches(networks::preprocess(images, preprocessing_), options_.taps);
    }();

    at::Tensor focal = at::zeros({}), dice = at::zeros({});
    const std::int64_t grid = clip_.config().grid();
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const at::Tensor logits = options_.temperature * at::bmm(layers_.project(i, tokens[i]), text.transpose(1, 2));
      const at::Tensor coarse = logits.transpose(1, 2).reshape({logits.size(0), 2, grid, grid});
      const at::Tensor fine = at::upsample_bilinear2d(coarse, {mask.size(1), mask.size(2)}, /*align_corners=*/true);
      const at::Tensor probabilities = at::softmax(fine, 1);
      focal = focal + april_gan_focal(probabilities, mask);
      dice = dice + april_gan_dice(probabilities.select(1, 1), mask);
    }
    const at::Tensor loss = focal + dice;
    if (!std::isfinite(loss.item<double>())) {
      throw core::DataError(fmt::format("the loss is {} at step {}", loss.item<double>(), optimiser_.steps()),
                            "learning_rate", "Lower the learning rate.");
    }
    optimiser_.clear_gradients();
    loss.backward();
    optimiser_.step(options_.learning_rate);
    curve_.add(optimiser_.steps() - 1, {loss.item<double>(), focal.item<double>(), dice.item<double>()});
  }

  /// bilinear: from 0 and 255 as Pillow resizes, anomalous above one half.
  at::Tensor mask_tensor(const SegmentationSample& sample) const {
    const imaging::Geometry geometry = preprocessing_.geometry(sample.image.size());
    if (sample.mask.pixels.empty()) return at::zeros({geometry.crop.height, geometry.crop.width});
    const bool nearest = options_.mask_resize == "nearest";
    imaging::Mask mask = sample.mask;
    if (nearest) {
      mask = imaging::mask_in_crop(mask, geometry);
    } else {
      for (auto& pixel : mask.pixels) pixel = pixel != 0 ? 255 : 0;
      mask = imaging::image_in_crop(mask, geometry, imaging::Filter::kBilinear);
    }
    at::Tensor tensor = at::empty({mask.height, mask.width}, at::kFloat);
    auto* values = tensor.data_ptr<float>();
    const int most_normal = nearest ? 0 : 127;
    for (std::size_t i = 0; i < mask.pixels.size(); ++i) values[i] = mask.pixels[i] > most_normal ? 1.0f : 0.0f;
    return tensor;
  }

  /// [2, E]: normal, anomalous.
  const at::Tensor& directions(const std::string& category) {
    at::Tensor& known = directions_[category];
    if (!known.defined()) {
      const StateTexts texts = texts_(category);
      const auto mean = [&](const std::vector<std::string>& list) {
        return networks::unit_length(clip_.text_embeddings(list, /*truncate=*/true).mean(0));
      };
      known = at::stack({mean(texts.normal), mean(texts.anomalous)});
    }
    return known;
  }

  const networks::Clip& clip_;
  const SampleSource& source_;
  const StateTextsOf& texts_;
  AprilGanTrainingOptions options_;
  fs::path out_;
  networks::Preprocessing preprocessing_;
  std::optional<MosaicDraw> mosaic_;
  networks::DenseLayers layers_;
  AdamW optimiser_;
  LossCurve curve_;
  std::map<std::string, at::Tensor> directions_;
};

}  // namespace

void AprilGanTrainingOptions::describe(config::Options& o) {
  o.field("seed", seed).help("order of the samples and initial layers").at_least(0);
  o.field("epochs", epochs)
      .help("passes over the samples; 15 on VisA and 3 on MVTec AD in the paper's code")
      .at_least(1);
  o.field("batch", batch).help("images per step").at_least(1);
  o.field("learning_rate", learning_rate).help("of Adam, constant").above(0);
  o.field("beta1", beta1).help("decay of Adam's first moment").at_least(0).below(1);
  o.field("beta2", beta2).help("decay of Adam's second moment").at_least(0).below(1);
  o.field("taps", taps).help("blocks, counted from 1, that get a linear layer").at_least(1);
  o.field("temperature", temperature).help("factor on the cosines").above(0);
  o.field("mosaic_probability", mosaic_probability)
      .help("how often four pictures of a category make one; 0 on VisA and 0.2 on MVTec AD in the paper's code")
      .range(0, 1);
  o.field("mask_resize", mask_resize)
      .help("how masks become as large as the model's input: bilinear then above one half, or nearest")
      .one_of({"bilinear", "nearest"});
}

networks::DenseLayers train_april_gan(const networks::Clip& clip, const SampleSource& source, const StateTextsOf& texts,
                                      const AprilGanTrainingOptions& options, const fs::path& out) {
  const int layers = clip.config().vision.layers;
  if (options.taps.empty()) throw core::ConfigError("no tap is given", "taps", "Name blocks, for instance taps=[2,3].");
  for (std::size_t i = 0; i < options.taps.size(); ++i) {
    if (options.taps[i] > layers || (i > 0 && options.taps[i] <= options.taps[i - 1])) {
      throw core::ConfigError(fmt::format("tap {} does not fit a model of {} blocks", options.taps[i], layers), "taps",
                              "Name existing blocks in ascending order.");
    }
  }
  if (source.count == 0) {
    throw core::DataError("there are no samples to train on", "", "Choose a dataset whose test split has images.");
  }
  return AprilGanTraining(clip, source, texts, options, out).run();
}

}  // namespace normadd::training
