// SPDX-License-Identifier: Apache-2.0
#include "training/resnet_training.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/log.h"
#include "core/progress.h"
#include "datasets/procedural.h"
#include "networks/preprocessing.h"
#include "networks/resnet_training.h"
#include "training/adamw.h"
#include "training/checkpoint.h"
#include "training/loss_curve.h"
#include "training/segmentation_loss.h"
#include "training/training_pictures.h"
#include "training/window_batch.h"

namespace normadd::training {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kColumns{"learning_rate", "loss",          "types",
                                        "category",      "type_accuracy", "category_accuracy"};
const std::vector<std::string> kNotPartOfTheSteps{"checkpoint_every", "stop_at_step", "drawing_threads", "half"};
/// Stage (from 0) whose grid the cell targets have; its head looks at 4 x 4 pixels of the original picture by default.
constexpr std::size_t kFineStage = 1;

networks::ResNetWeights fresh_weights(const ResNetTrainingOptions& options) {
  core::RandomStream random(options.seed, "resnet");
  const auto categories = static_cast<int>(datasets::procedural_training_categories().size());
  return networks::random_resnet(networks::ResNetArchitecture::basic(options.base_width, options.blocks), categories,
                                 random);
}

/// One 1 x 1 convolution to the defect types per supervised stage; they are not part of the shipped model.
networks::TensorMap fresh_heads(const ResNetTrainingOptions& options, const networks::ResNetWeights& weights) {
  networks::TensorMap heads;
  const auto types = static_cast<std::int64_t>(datasets::procedural_defect_types().size());
  for (const std::size_t stage : {kFineStage, options.blocks.size() - 1}) {
    const std::string name = fmt::format("head.{}.", stage);
    const std::int64_t width = weights.architecture.stages[stage].outer;
    core::RandomStream random(options.seed, name);
    const double limit = 1 / std::sqrt(static_cast<double>(width));
    at::Tensor weight = at::empty({types, width, 1, 1}, at::kFloat);
    for (std::int64_t i = 0; i < weight.numel(); ++i)
      weight.data_ptr<float>()[i] = static_cast<float>(random.uniform(-limit, limit));
    heads[name + "weight"] = weight;
    heads[name + "bias"] = at::zeros({types}, at::kFloat);
  }
  return heads;
}

double share_right(const at::Tensor& predicted, const at::Tensor& target, const at::Tensor& counted) {
  const auto count = counted.sum().item<double>();
  return count == 0 ? 0 : (predicted == target).logical_and(counted).sum().item<double>() / count;
}

class ResNetTraining {
 public:
  ResNetTraining(const ResNetTrainingOptions& options, const fs::path& out)
      : options_(options),
        checkpoint_(out / "checkpoint"),
        out_(out),
        weights_(fresh_weights(options)),
        heads_(fresh_heads(options, weights_)),
        optimiser_(learning_tensors(), {.weight_decay = options.weight_decay}),
        curve_(kColumns) {}

  void run() {
    const std::string identity = options_text(options_, kNotPartOfTheSteps);
    auto state = all_tensors();
    const std::int64_t first =
        load_checkpoint(checkpoint_ / "state.safetensors", state, optimiser_, identity).value_or(0);
    curve_.restore(checkpoint_ / "loss_curve.csv", first);
    const std::int64_t last = std::min<std::int64_t>(options_.steps, options_.stop_at_step.value_or(options_.steps));
    if (first < last) {
      pictures_ = draw_training_pictures(options_.seed, options_.pictures, options_.side_px, options_.drawing_threads);
      core::Progress progress("training ResNet", static_cast<std::size_t>(last - first));
      for (std::int64_t step = first; step < last; ++step) {
        take_step(step);
        progress.note(fmt::format("loss {:.3f}, types {:.0f} %, categories {:.0f} %", curve_.recent("loss"),
                                  100 * curve_.recent("type_accuracy"), 100 * curve_.recent("category_accuracy")));
        progress.advance();
        if ((step + 1) % options_.checkpoint_every == 0 || step + 1 == last) {
          save_model(checkpoint_, /*half=*/false);
          save_checkpoint(checkpoint_ / "state.safetensors", all_tensors(), optimiser_, identity);
        }
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
  networks::TensorMap learning_tensors() {
    networks::TensorMap all = networks::resnet_parameters(weights_);
    all.insert(heads_.begin(), heads_.end());
    return all;
  }

  /// Running statistics too: they are part of where the training stands.
  networks::TensorMap all_tensors() const {
    networks::TensorMap all = weights_.tensors;
    all.insert(heads_.begin(), heads_.end());
    return all;
  }

  at::Tensor cell_logits(const networks::ResNetOutput& output, std::size_t stage, std::int64_t grid) const {
    const std::string name = fmt::format("head.{}.", stage);
    const at::Tensor logits = at::conv2d(output.layers[stage], heads_.at(name + "weight"), heads_.at(name + "bias"));
    return at::upsample_bilinear2d(logits, {grid, grid}, false).flatten(2).transpose(1, 2);  // [B, cells, types]
  }

  void take_step(std::int64_t step) {
    core::RandomStream random(options_.seed, fmt::format("resnet-step/{}", step));
    const auto preprocessing = networks::Preprocessing::imagenet(options_.side_px * options_.enlargement, 0);
    const int cell_px = cell_size_px(options_);
    const WindowBatch batch = draw_windows(pictures_,
                                           {.batch = options_.window_batch,
                                            .window_px = options_.window_px,
                                            .patch_px = cell_px,
                                            .mean = preprocessing.mean,
                                            .std = preprocessing.std},
                                           random);
    const std::int64_t input_px = static_cast<std::int64_t>(options_.window_px) * options_.enlargement;
    const at::Tensor images = at::upsample_bilinear2d(batch.images, {input_px, input_px}, false);
    const networks::ResNetOutput output = networks::resnet_forward_train(weights_, images, /*training_norms=*/true);

    const std::int64_t grid = options_.window_px / cell_px;
    const at::Tensor fine = cell_logits(output, kFineStage, grid);
    const at::Tensor coarse = cell_logits(output, options_.blocks.size() - 1, grid);
    const at::Tensor types = cross_entropy_against_normal(fine, batch.dominant, options_.normal_cell_weight) +
                             cross_entropy_against_normal(coarse, batch.dominant, options_.normal_cell_weight);
    const at::Tensor category = at::cross_entropy_loss(output.logits, batch.category);
    const at::Tensor total = types + options_.category_weight * category;
    const auto loss = total.item<double>();
    if (!std::isfinite(loss)) {
      throw core::DataError(fmt::format("the loss is {} at step {}", loss, step), "learning_rate",
                            "Lower the learning rate.");
    }
    optimiser_.clear_gradients();
    total.backward();
    optimiser_.clip_gradients(options_.max_gradient_norm);
    const double rate = warmup_cosine(options_.learning_rate, step, options_.warmup_steps, options_.steps);
    optimiser_.step(rate);
    curve_.add(step, {rate, loss, types.item<double>(), category.item<double>(),
                      share_right(coarse.argmax(-1) + 1, batch.dominant, batch.dominant > 0),
                      share_right(output.logits.argmax(-1), batch.category, at::ones_like(batch.category, at::kBool))});
  }

  /// Pixels of the picture behind one cell of the fine stage: the stem and the stages before it divide by 4, 8, …
  static int cell_size_px(const ResNetTrainingOptions& options) { return (4 << kFineStage) / options.enlargement; }

  void save_model(const fs::path& folder, bool half) const {
    core::make_directories(folder);
    networks::TensorMap stored;
    for (const auto& [name, tensor] : weights_.tensors) {
      stored[name] = half && tensor.scalar_type() == at::kFloat ? tensor.detach().to(at::kHalf) : tensor;
    }
    networks::write_safetensors(folder / "model.safetensors", stored);
    curve_.write_csv(folder / "loss_curve.csv");
  }

  ResNetTrainingOptions options_;
  fs::path checkpoint_, out_;
  networks::ResNetWeights weights_;
  networks::TensorMap heads_;
  AdamW optimiser_;
  LossCurve curve_;
  std::vector<TrainingPicture> pictures_;
};

}  // namespace

void ResNetTrainingOptions::describe(config::Options& o) {
  o.field("seed", seed).help("root of all random numbers").at_least(0);
  o.field("steps", steps).help("updates of the weights").at_least(1);
  o.field("warmup_steps", warmup_steps).help("steps in which the learning rate rises to its peak").at_least(0);
  o.field("learning_rate", learning_rate).help("peak, reached after the warm-up; a cosine to 0 follows").above(0);
  o.field("weight_decay", weight_decay).help("decoupled weight decay of all matrices").at_least(0);
  o.field("max_gradient_norm", max_gradient_norm).help("joint norm to which gradients are clipped").above(0);
  o.field("pictures", pictures).help("procedural training pictures drawn beforehand").at_least(1);
  o.field("side_px", side_px).help("side of the pictures").unit("px").at_least(8);
  o.field("window_px", window_px).help("side of the windows cut from them").unit("px").at_least(8);
  o.field("window_batch", window_batch).help("windows per step").at_least(2);
  o.field("enlargement", enlargement)
      .help("factor by which windows are enlarged before they enter the network")
      .range(1, 4);
  o.field("normal_cell_weight", normal_cell_weight).help("weight of normal cells in the cross-entropy").above(0);
  o.field("category_weight", category_weight).help("weight of naming the category").at_least(0);
  o.field("base_width", base_width).help("channels of the first stage; each later one doubles them").at_least(1);
  o.field("blocks", blocks).help("residual blocks of each stage").at_least(1);
  o.field("half", half).help("store the weights in 16 bits");
  o.field("checkpoint_every", checkpoint_every).help("steps between two checkpoints").at_least(1);
  o.field("stop_at_step", stop_at_step).help("leave a checkpoint here and end; the next call goes on").at_least(1);
  o.field("drawing_threads", drawing_threads).help("threads that draw the pictures").at_least(1);
}

void ResNetTrainingOptions::check() const {
  const auto require = [](bool holds, const std::string& what, const char* field, const char* hint) {
    if (!holds) throw core::ConfigError(what, field, hint);
  };
  require(blocks.size() >= 2 && blocks.size() <= 4, fmt::format("{} stages", blocks.size()), "blocks",
          "Give 2 to 4 stages.");
  require(enlargement == 1 || enlargement == 2 || enlargement == 4, fmt::format("{} is no power of 2", enlargement),
          "enlargement", "Use 1, 2 or 4.");
  require(window_px % 8 == 0 && window_px <= side_px,
          fmt::format("a window of {} px in pictures of {} px", window_px, side_px), "window_px",
          "Choose a multiple of 8, at most side_px.");
  require(side_px % 8 == 0, fmt::format("pictures of {} px", side_px), "side_px", "Choose a multiple of 8.");
}

void train_resnet(const ResNetTrainingOptions& options, const fs::path& out) {
  options.check();
  ResNetTraining(options, out).run();
}

}  // namespace normadd::training
