// SPDX-License-Identifier: Apache-2.0
#include "training/clip_training.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/log.h"
#include "core/progress.h"
#include "networks/clip.h"
#include "training/adamw.h"
#include "training/caption_table.h"
#include "training/checkpoint.h"
#include "training/clip_losses.h"
#include "training/loss_curve.h"
#include "training/training_pictures.h"
#include "training/window_batch.h"

namespace normadd::training {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kColumns{"learning_rate", "loss",        "focal",         "dice",
                                        "cross_entropy", "contrastive", "type_accuracy", "gradient_norm"};
/// Neither the way there nor the storage of the result changes a step.
const std::vector<std::string> kNotPartOfTheSteps{"checkpoint_every", "stop_at_step", "drawing_threads", "half"};

class ClipTraining {
 public:
  ClipTraining(const ClipTrainingOptions& options, const fs::path& out)
      : options_(options),
        out_(out),
        checkpoint_(out / "checkpoint"),
        clip_(
            networks::Clip::random(options.clip_config(), learn_tokenizer(options.seed, options.merges), options.seed)),
        layers_(networks::DenseLayers::random(clip_.config(), options.taps, options.temperature, options.seed)),
        optimiser_(all_weights(), {.weight_decay = options.weight_decay}),
        curve_(kColumns) {}

  void run() {
    const std::int64_t first = resume();
    const std::int64_t last = std::min<std::int64_t>(options_.steps, options_.stop_at_step.value_or(options_.steps));
    if (first < last) {
      pictures_ = draw_training_pictures(options_.seed, options_.pictures, options_.side_px, options_.drawing_threads);
      core::Progress progress("training CLIP", static_cast<std::size_t>(last - first));
      for (std::int64_t step = first; step < last; ++step) {
        take_step(step);
        progress.note(
            fmt::format("loss {:.3f}, types {:.0f} %", curve_.recent("loss"), 100 * curve_.recent("type_accuracy")));
        progress.advance();
        if ((step + 1) % options_.checkpoint_every == 0 || step + 1 == last) save_state();
      }
    }
    if (last < options_.steps) {
      core::log_info(fmt::format("stopped after {} of {} steps; the same command goes on", last, options_.steps));
      return;
    }
    save_model(out_, options_.half);
    curve_.write_svg(out_ / "loss_curve.svg", "loss");
    fs::remove_all(checkpoint_);
  }

 private:
  networks::TensorMap all_weights() const {
    networks::TensorMap all = clip_.weights();
    for (const auto& [name, tensor] : layers_.weights) all["dense." + name] = tensor;
    return all;
  }

  std::int64_t resume() {
    auto weights = all_weights();
    const auto steps = load_checkpoint(checkpoint_ / "state.safetensors", weights, optimiser_,
                                       options_text(options_, kNotPartOfTheSteps));
    if (!steps) return 0;
    curve_.restore(checkpoint_ / "loss_curve.csv", *steps);
    core::log_info(fmt::format("going on after step {}", *steps));
    return *steps;
  }

  void take_step(std::int64_t step) {
    core::RandomStream random(options_.seed, fmt::format("clip-step/{}", step));
    const bool windows = static_cast<double>(step) < options_.window_share * options_.steps;
    const auto& preprocessing = clip_.preprocessing();
    const WindowPlan plan{.batch = windows ? options_.window_batch : options_.full_batch,
                          .window_px = windows ? options_.window_px : options_.side_px,
                          .patch_px = options_.patch_px,
                          .mean = preprocessing.mean,
                          .std = preprocessing.std};
    const WindowBatch batch = draw_windows(pictures_, plan, random);
    const CaptionTable captions = draw_captions(random);
    const at::Tensor text = networks::unit_length(clip_.encode_text(clip_.tokenize(captions.texts, /*truncate=*/true)))
                                .reshape({captions.categories, captions.classes, -1});
    const ClipLosses losses = clip_losses(clip_, layers_, batch, text,
                                          {.focal = options_.focal_weight,
                                           .dice = options_.dice_weight,
                                           .cross_entropy = options_.cross_entropy_weight,
                                           .normal_patches = options_.normal_patch_weight,
                                           .contrastive = options_.contrastive_weight});
    const auto loss = losses.total.item<double>();
    if (!std::isfinite(loss)) {
      throw core::DataError(fmt::format("the loss is {} at step {}", loss, step), "learning_rate",
                            "Lower the learning rate or lengthen the warm-up.");
    }
    optimiser_.clear_gradients();
    losses.total.backward();
    const double norm = optimiser_.clip_gradients(options_.max_gradient_norm);
    const double rate = warmup_cosine(options_.learning_rate, step, options_.warmup_steps, options_.steps);
    optimiser_.step(rate);
    curve_.add(step, {rate, loss, losses.focal, losses.dice, losses.cross_entropy, losses.contrastive,
                      losses.type_accuracy, norm});
  }

  void save_model(const fs::path& folder, bool half) const {
    core::make_directories(folder);
    clip_.save(folder, half);
    layers_.save(folder / "dense_layers.safetensors");
    curve_.write_csv(folder / "loss_curve.csv");
  }

  /// The state goes last: as long as it is the old one, newer files beside it do no harm.
  void save_state() const {
    save_model(checkpoint_, /*half=*/false);
    save_checkpoint(checkpoint_ / "state.safetensors", all_weights(), optimiser_,
                    options_text(options_, kNotPartOfTheSteps));
  }

  ClipTrainingOptions options_;
  fs::path out_, checkpoint_;
  networks::Clip clip_;
  networks::DenseLayers layers_;
  AdamW optimiser_;
  LossCurve curve_;
  std::vector<TrainingPicture> pictures_;
};

}  // namespace

void train_clip(const ClipTrainingOptions& options, const fs::path& out) {
  options.check();
  ClipTraining(options, out).run();
}

}  // namespace normadd::training
