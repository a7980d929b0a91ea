// SPDX-License-Identifier: Apache-2.0
// A base anomaly detector: trained on good images, gives each image an anomaly map and a score.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "imaging/geometry.h"
#include "imaging/image.h"

namespace normadd::detectors {

/// Training pictures, decoded one by one so that never all are in memory.
struct ImageSource {
  std::size_t count = 0;
  std::function<imaging::Image(std::size_t)> read = {};
  std::string category = "";          // the product, for detectors that put its name into texts or file names
  std::vector<std::string> ids = {};  // names of the pictures in their dataset; empty = unknown
};

struct Prediction {
  imaging::Map map;  // A: float32, >= 0, larger = more anomalous, at geometry.crop resolution
  imaging::Geometry geometry;
  double score = 0;  // the detector's native image score (not always the map's maximum)
};

/// What fit() and predict() will need, before starting.
struct MemoryEstimate {
  std::uint64_t fit_bytes = 0;
  std::uint64_t predict_bytes = 0;
  std::string breakdown;  // one line for people
};

class Detector {
 public:
  virtual ~Detector() = default;
  virtual std::string name() const = 0;
  /// Deterministic in (images, seed); does not depend on thread count beyond float rounding. Zero-shot detectors take
  /// the category from train and read no picture.
  virtual void fit(const ImageSource& train, std::uint64_t seed) = 0;
  /// One prediction per image. ids: the images' names in their dataset, for detectors that look up what another tool
  /// computed for them; the others ignore it and take {}.
  virtual std::vector<Prediction> predict(std::span<const imaging::Image> images,
                                          std::span<const std::string> ids) const = 0;
  std::vector<Prediction> predict(std::span<const imaging::Image> images) const { return predict(images, {}); }
  /// One safetensors file with a JSON header (config, geometry, versions) in its metadata. notes are added to it: what
  /// the detector itself does not know, such as the category it was trained for.
  using Notes = std::map<std::string, std::string>;
  virtual void save(const std::filesystem::path& path, const Notes& notes) const = 0;
  void save(const std::filesystem::path& path) const { save(path, {}); }
  /// Throws WeightsError when the file belongs to another detector, backbone or options.
  virtual void load(const std::filesystem::path& path) = 0;
  virtual MemoryEstimate memory_estimate(std::size_t num_train, imaging::Size image) const = 0;
  /// All that decides a prediction, as one JSON object: options with the profile's values filled in, network, sha256 of
  /// weights, preparation of pictures. save() writes it into the header, load() compares it, runs record it.
  virtual std::string settings() const = 0;
  /// A hash of files beside the pictures that decide the predictions of these (another tool's maps); empty for
  /// detectors that look at the pictures alone. Files that are missing or damaged are for fit() and predict() to
  /// report.
  virtual std::string input_hash(std::span<const std::string> /*ids*/) const { return ""; }
};

}  // namespace normadd::detectors
