// SPDX-License-Identifier: Apache-2.0
#include "training/clip_evaluation.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/random.h"
#include "datasets/captions.h"
#include "datasets/procedural.h"
#include "imaging/gaussian.h"

namespace normadd::training {
namespace {

struct TestPicture {
  std::string type;
  imaging::Image defect_class;
};

/// Tokens of some blocks, layer-normed, averaged over 3 x 3 neighbours, side by side: [B, G, G, features].
at::Tensor local_features(const std::vector<at::Tensor>& tokens, std::int64_t grid) {
  std::vector<at::Tensor> parts;
  for (const auto& tap : tokens) {
    const at::Tensor normed = at::layer_norm(tap, {tap.size(2)}).transpose(1, 2).reshape({tap.size(0), -1, grid, grid});
    parts.push_back(at::avg_pool2d(normed, 3, 1, 1, false, /*count_include_pad=*/false));
  }
  return at::cat(parts, 1).permute({0, 2, 3, 1}).contiguous();
}

/// coarse [B, G, G] -> full resolution, bilinear, then blurred: [B, side, side].
at::Tensor full_maps(const at::Tensor& coarse, int side, double sigma) {
  at::Tensor fine = at::upsample_bilinear2d(coarse.unsqueeze(1), {side, side}, false).squeeze(1).contiguous();
  if (sigma <= 0) return fine;
  for (std::int64_t b = 0; b < fine.size(0); ++b) {
    imaging::Map map(side, side);
    float* values = fine[b].data_ptr<float>();
    std::copy_n(values, map.values.size(), map.values.begin());
    const imaging::Map blurred = imaging::gaussian_blur(map, sigma);
    std::copy(blurred.values.begin(), blurred.values.end(), values);
  }
  return fine;
}

at::Tensor direction(const networks::Clip& clip, const std::vector<std::string>& texts) {
  return networks::unit_length(clip.text_embeddings(texts, /*truncate=*/true).mean(0));
}

class CategoryEvaluation {
 public:
  CategoryEvaluation(const networks::Clip& clip, const networks::DenseLayers& layers,
                     const ClipEvaluationOptions& options, std::string category)
      : clip_(clip), layers_(layers), options_(options), category_(std::move(category)) {
    grid_ = clip.config().grid();
    side_ = clip.config().image_px;
    draw();
    make_anomaly_maps();
    for (const auto& type : datasets::procedural_demo_types(category_)) suppression_.push_back(suppression_map(type));
  }

  double original() const {
    std::vector<double> good, bad;
    const at::Tensor score = anomaly_.amax({1, 2});
    for (std::size_t i = 0; i < test_.size(); ++i) {
      (test_[i].type == "good" ? good : bad).push_back(score[static_cast<std::int64_t>(i)].item<double>());
    }
    return auroc(bad, good);
  }

  void add_pairs(std::vector<PairEvaluation>& pairs) const {
    const auto& types = datasets::procedural_demo_types(category_);
    for (std::size_t i = 0; i < types.size(); ++i) {
      PairEvaluation pair{category_, types[i]};
      add_pixel_figures(suppression_[i], types[i], pair);
      pair.before = new_label_auroc(anomaly_, types[i]);
      const at::Tensor after = anomaly_ * (1 - suppression_[i]);
      pair.after = new_label_auroc(after, types[i]);
      pair.collateral = retained_auroc(after, types[i]) - retained_auroc(anomaly_, types[i]);
      pair.other_text = new_label_auroc(anomaly_ * (1 - suppression_[(i + 1) % types.size()]), types[i]);
      pairs.push_back(std::move(pair));
    }
  }

 private:
  at::Tensor images_of(const std::string& type, const std::string& split, int count, bool keep) {
    std::vector<imaging::Image> images;
    for (int i = 0; i < count; ++i) {
      core::RandomStream random(options_.seed, fmt::format("evaluation/{}/{}/{}/{}", category_, split, type, i));
      auto drawn = datasets::draw_demo_image(options_.seed, category_, type, random, side_);
      images.push_back(std::move(drawn.image));
      if (keep) test_.push_back({type, std::move(drawn.defect_class)});
    }
    return networks::preprocess(images, clip_.preprocessing());
  }

  void draw() {
    train_images_ = images_of("good", "train", options_.train_good, false);
    std::vector<at::Tensor> parts{images_of("good", "test", options_.test_good, true)};
    for (const auto& type : datasets::procedural_demo_types(category_)) {
      parts.push_back(images_of(type, "test", options_.test_per_type, true));
    }
    test_images_ = at::cat(parts);
  }

  void make_anomaly_maps() {
    const at::Tensor bank = local_features(clip_.encode_patches(train_images_, options_.map_taps), grid_).flatten(0, 2);
    const at::Tensor query = local_features(clip_.encode_patches(test_images_, options_.map_taps), grid_);
    const at::Tensor bank_norm = bank.square().sum(1);
    std::vector<at::Tensor> maps;
    for (std::int64_t b = 0; b < query.size(0); ++b) {
      const at::Tensor rows = query[b].flatten(0, 1);
      const at::Tensor squared = rows.square().sum(1, true) + bank_norm - 2 * at::matmul(rows, bank.t());
      maps.push_back(squared.amin(1).clamp_min(0).sqrt().reshape({grid_, grid_}));
    }
    anomaly_ = full_maps(at::stack(maps), side_, options_.blur_sigma_px);
    tokens_ = clip_.encode_patches(test_images_, layers_.taps);
  }

  at::Tensor suppression_map(const std::string& type) const {
    const at::Tensor shows = direction(clip_, datasets::evaluation_captions(category_, type));
    const at::Tensor normal = direction(clip_, datasets::evaluation_captions(category_, "good"));
    at::Tensor sum = at::zeros({static_cast<std::int64_t>(test_.size()), side_, side_});
    for (std::size_t i = 0; i < layers_.taps.size(); ++i) {
      const at::Tensor cosine = at::matmul(layers_.project(i, tokens_[i]), shows - normal);
      sum += at::sigmoid(full_maps(layers_.temperature * cosine.reshape({-1, grid_, grid_}), side_, 0));
    }
    const at::Tensor mean = sum / static_cast<double>(layers_.taps.size());
    return blurred(mean);
  }

  at::Tensor blurred(const at::Tensor& maps) const { return full_maps(maps, side_, options_.blur_sigma_px); }

  struct Scores {
    std::vector<double> good, added, retained;
  };

  Scores scores_of(const at::Tensor& maps, const std::string& added) const {
    const at::Tensor score = maps.amax({1, 2});
    Scores scores;
    for (std::size_t i = 0; i < test_.size(); ++i) {
      auto& list = test_[i].type == "good" ? scores.good : test_[i].type == added ? scores.added : scores.retained;
      list.push_back(score[static_cast<std::int64_t>(i)].item<double>());
    }
    return scores;
  }

  double new_label_auroc(const at::Tensor& maps, const std::string& added) const {
    Scores scores = scores_of(maps, added);
    scores.good.insert(scores.good.end(), scores.added.begin(), scores.added.end());
    return auroc(scores.retained, scores.good);
  }

  double retained_auroc(const at::Tensor& maps, const std::string& added) const {
    const Scores scores = scores_of(maps, added);
    return auroc(scores.retained, scores.good);
  }

  void add_pixel_figures(const at::Tensor& maps, const std::string& type, PairEvaluation& pair) const {
    const auto& names = datasets::procedural_defect_types();
    const auto own = static_cast<int>(std::ranges::find(names, type) - names.begin()) + 1;
    std::vector<double> inside, outside;
    double own_sum = 0, other_sum = 0, other_count = 0;
    for (std::size_t i = 0; i < test_.size(); ++i) {
      const at::Tensor map = maps[static_cast<std::int64_t>(i)].contiguous();
      const float* values = map.data_ptr<float>();
      const auto& classes = test_[i].defect_class.pixels;
      for (std::size_t pixel = 0; pixel < classes.size(); ++pixel) {
        if (classes[pixel] == own) {
          inside.push_back(values[pixel]);
          own_sum += values[pixel];
        } else {
          if (classes[pixel] != 0) {
            other_sum += values[pixel];
            ++other_count;
          }
          outside.push_back(values[pixel]);
        }
      }
    }
    pair.pixel_auroc = auroc(inside, outside);
    pair.discrimination =
        own_sum / std::max<double>(1, static_cast<double>(inside.size())) - other_sum / std::max(1.0, other_count);
  }

  const networks::Clip& clip_;
  const networks::DenseLayers& layers_;
  const ClipEvaluationOptions& options_;
  std::string category_;
  std::int64_t grid_ = 0;
  int side_ = 0;
  std::vector<TestPicture> test_;
  at::Tensor train_images_, test_images_, anomaly_;
  std::vector<at::Tensor> tokens_, suppression_;
};

}  // namespace

double auroc(const std::vector<double>& positive, const std::vector<double>& negative) {
  if (positive.empty() || negative.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> sorted = negative;
  std::ranges::sort(sorted);
  double wins = 0;
  for (const double value : positive) {
    const auto [below, above] = std::equal_range(sorted.begin(), sorted.end(), value);
    wins += 0.5 * static_cast<double>((below - sorted.begin()) + (above - sorted.begin()));
  }
  return wins / (static_cast<double>(positive.size()) * static_cast<double>(negative.size()));
}

double ClipEvaluation::mean(double PairEvaluation::*field) const {
  double sum = 0;
  for (const auto& pair : pairs) sum += pair.*field;
  return pairs.empty() ? 0 : sum / static_cast<double>(pairs.size());
}

ClipEvaluation evaluate_clip(const networks::Clip& clip, const networks::DenseLayers& layers,
                             const ClipEvaluationOptions& options) {
  const at::NoGradGuard no_gradients;
  ClipEvaluation evaluation;
  const auto& categories = datasets::procedural_demo_categories();
  for (const auto& name : categories) {
    const CategoryEvaluation category(clip, layers, options, name);
    evaluation.original += category.original() / static_cast<double>(categories.size());
    category.add_pairs(evaluation.pairs);
  }
  return evaluation;
}

}  // namespace normadd::training
