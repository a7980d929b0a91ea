// SPDX-License-Identifier: Apache-2.0
#include "experiment/score_fusion.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>

#include "normality/fused_maximum.h"

namespace normadd::experiment {
namespace {

std::string content_of(const normality::TextPair& text) {
  std::string content;
  for (const auto* texts : {&text.positive, &text.negative}) {
    for (const auto& one : *texts) content += fmt::format("{} {}", one.size(), one);
    content += '\n';
  }
  return content;
}

/// Fusions of the same name give the same bits.
std::string name_of(const normality::FusionOptions& fusion, double scale) {
  if (fusion.rule == "product") return fmt::format("product {}", fusion.lambda);
  if (fusion.rule == "power") return fmt::format("power {}", fusion.gamma);
  if (fusion.rule == "threshold") return fmt::format("threshold {}", fusion.threshold);
  if (fusion.rule == "subtract") return fmt::format("subtract {} {}", fusion.lambda, scale);
  return fusion.rule;
}

}  // namespace

/// An image with its maps and the distinct geometries that they have.
struct ScoreFusion::ImageWork {
  std::size_t image = 0;
  const normality::ImageFeatures* features = nullptr;
  std::vector<imaging::Geometry> geometries;
  std::vector<std::size_t> geometry_of;        // per detector
  std::vector<normality::TiledMap> anomalies;  // per detector
};

std::size_t ScoreFusion::add_detector(const TestedImages& tested) {
  detectors_.push_back(&tested);
  return detectors_.size() - 1;
}

std::size_t ScoreFusion::add_text(normality::NormalityDetector& detector, const normality::TextPair& text) {
  auto found = std::find_if(normalities_.begin(), normalities_.end(),
                            [&](const Normality& known) { return known.detector == &detector; });
  if (found == normalities_.end()) found = normalities_.insert(found, Normality{&detector, {}, {}});
  const auto [known, is_new] = found->texts.emplace(content_of(text), texts_.size());
  if (is_new) {
    texts_.push_back({static_cast<std::size_t>(found - normalities_.begin()), found->pairs.size(), {}});
    found->pairs.push_back(text);
  }
  return known->second;
}

std::shared_ptr<Scores> ScoreFusion::add_scores(std::size_t detector, std::size_t text,
                                                const normality::FusionOptions& fusion, double scale) {
  auto& scores = scores_[fmt::format("{} {} {}", detector, text, name_of(fusion, scale))];
  if (scores) return scores;
  scores = std::make_shared<Scores>(category_.test.size());
  texts_[text].consumers.push_back({detector, fusion, scale, scores});
  return scores;
}

void ScoreFusion::add_mapped(std::size_t detector, MappedCells& cells, std::vector<std::size_t> texts) {
  mapped_.push_back({detector, &cells, std::move(texts)});
}

void ScoreFusion::encode() {
  for (auto& normality : normalities_) normality.detector->encode(normality.pairs);
}

void ScoreFusion::run(std::size_t begin, std::span<const normality::ImageFeatures> features) {
  std::vector<ImageWork> works(features.size());
  at::parallel_for(0, std::ssize(works), 1, [&](std::int64_t first, std::int64_t last) {
    for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i) {
      ImageWork& work = works[i];
      work.image = begin + i;
      work.features = &features[i];
      for (const TestedImages* tested : detectors_) {
        const detectors::Prediction& prediction = tested->predictions[work.image];
        const auto known = std::find(work.geometries.begin(), work.geometries.end(), prediction.geometry);
        work.geometry_of.push_back(static_cast<std::size_t>(known - work.geometries.begin()));
        if (known == work.geometries.end()) work.geometries.push_back(prediction.geometry);
        work.anomalies.emplace_back(prediction.map);
      }
    }
  });
  if (mapped_.empty()) {
    const auto texts = std::ssize(texts_);
    at::parallel_for(0, std::ssize(works) * texts, 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t k = first; k < last; ++k) {
        fuse_text(works[static_cast<std::size_t>(k / texts)], static_cast<std::size_t>(k % texts), nullptr);
      }
    });
    return;
  }
  // Maps are kept, so image by image.
  for (const ImageWork& work : works) {
    std::vector<std::vector<imaging::Map>> kept(texts_.size());  // [text][geometry]
    at::parallel_for(0, std::ssize(texts_), 1, [&](std::int64_t first, std::int64_t last) {
      for (auto text = static_cast<std::size_t>(first); text < static_cast<std::size_t>(last); ++text) {
        fuse_text(work, text, &kept[text]);
      }
    });
    fuse_mapped(work, kept);
  }
}

void ScoreFusion::fuse_text(const ImageWork& work, std::size_t text, std::vector<imaging::Map>* kept) const {
  const Text& wanted = texts_[text];
  const imaging::Map suppression = normalities_[wanted.normality].detector->suppression(*work.features, wanted.pair);
  for (std::size_t g = 0; g < work.geometries.size(); ++g) {
    imaging::Map aligned = imaging::map_in_crop(suppression, work.features->geometry, work.geometries[g], 0.0f);
    for (const Consumer& consumer : wanted.consumers) {
      if (work.geometry_of[consumer.detector] != g) continue;
      (*consumer.scores)[work.image] =
          normality::fused_maximum(work.anomalies[consumer.detector], aligned, consumer.fusion, consumer.scale);
    }
    if (kept != nullptr) kept->push_back(std::move(aligned));
  }
}

void ScoreFusion::fuse_mapped(const ImageWork& work, const std::vector<std::vector<imaging::Map>>& kept) const {
  for (const Mapped& mapped : mapped_) {
    const std::size_t geometry = work.geometry_of[mapped.detector];
    mapped.cells->fuse_image(
        work.image, [&](std::size_t text) -> const imaging::Map& { return kept[mapped.texts[text]][geometry]; });
  }
}

}  // namespace normadd::experiment
