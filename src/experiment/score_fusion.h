// SPDX-License-Identifier: Apache-2.0
// One pass over a category's images: every distinct text gives its A_sup once per image, which is brought once into
// each distinct geometry and fused for all detectors and fusion settings.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "experiment/category_outcome.h"
#include "experiment/mapped_cells.h"
#include "experiment/tested_images.h"
#include "normality/fusion.h"
#include "normality/normality_detector.h"

namespace normadd::experiment {

class ScoreFusion {
 public:
  explicit ScoreFusion(const datasets::Category& category) : category_(category) {}

  /// tested must outlive the object. Returns its number.
  std::size_t add_detector(const TestedImages& tested);
  /// Number of a text pair under a normality detector; equal texts have equal numbers.
  std::size_t add_text(normality::NormalityDetector& detector, const normality::TextPair& text);
  /// The scores after fusion that run() will fill in; equal requests share one vector. scale: see normality::fuse.
  std::shared_ptr<Scores> add_scores(std::size_t detector, std::size_t text, const normality::FusionOptions& fusion,
                                     double scale);
  /// texts: numbers of the plan's texts.
  void add_mapped(std::size_t detector, MappedCells& cells, std::vector<std::size_t> texts);

  bool is_empty() const { return texts_.empty(); }
  /// Encodes all texts; comes after the last add_… and before run().
  void encode();
  /// features: of the test images from begin on.
  void run(std::size_t begin, std::span<const normality::ImageFeatures> features);

 private:
  struct Consumer {
    std::size_t detector = 0;
    normality::FusionOptions fusion;
    double scale = 1;
    std::shared_ptr<Scores> scores;
  };
  struct Text {
    std::size_t normality = 0;  // which normality detector
    std::size_t pair = 0;       // its number there
    std::vector<Consumer> consumers;
  };
  struct Normality {
    normality::NormalityDetector* detector = nullptr;
    std::vector<normality::TextPair> pairs;
    std::map<std::string, std::size_t> texts;  // content -> number of the text
  };
  struct Mapped {
    std::size_t detector = 0;
    MappedCells* cells = nullptr;
    std::vector<std::size_t> texts;
  };
  struct ImageWork;

  void fuse_text(const ImageWork& work, std::size_t text, std::vector<imaging::Map>* kept) const;
  void fuse_mapped(const ImageWork& work, const std::vector<std::vector<imaging::Map>>& kept) const;

  const datasets::Category& category_;
  std::vector<const TestedImages*> detectors_;
  std::vector<Normality> normalities_;
  std::vector<Text> texts_;
  std::map<std::string, std::shared_ptr<Scores>> scores_;
  std::vector<Mapped> mapped_;
};

}  // namespace normadd::experiment
