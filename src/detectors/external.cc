// SPDX-License-Identifier: Apache-2.0
#include "detectors/external.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/csv.h"
#include "core/error.h"
#include "core/hashing.h"
#include "core/nearest_name.h"
#include "core/progress.h"
#include "detectors/saved_format.h"
#include "networks/preprocessing.h"
#include "networks/safetensors.h"

namespace normadd::detectors {
namespace {

constexpr int kFileFormat = 1;

networks::Preprocessing preparation(const ExternalOptions& options) {
  auto preparation = networks::Preprocessing::imagenet(options.resize_px, options.crop_px);
  preparation.mode = networks::parse_resize_mode(options.resize_mode);
  return preparation;
}

std::string text_of(imaging::Size size) { return fmt::format("{} x {}", size.width, size.height); }

std::map<std::string, double> read_scores(const std::filesystem::path& path) {
  const core::CsvTable table = core::read_csv(path);
  const std::size_t image = table.column("image"), score = table.column("score");
  std::map<std::string, double> scores;
  for (const auto& row : table.rows) {
    const std::string& text = row[score];
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
      throw core::DataError(fmt::format("the score '{}' of '{}' is no finite number", text, row[image]), path.string(),
                            "Write one number per picture.");
    }
    if (!scores.emplace(row[image], value).second) {
      throw core::DataError(fmt::format("the picture '{}' has two scores", row[image]), path.string(),
                            "Keep one row per picture.");
    }
  }
  return scores;
}

}  // namespace

void ExternalOptions::describe(config::Options& o) {
  o.field("name", name).help("registered name").one_of({"external"});
  o.field("root", root).help("folder with the other tool's maps").required();
  o.field("pattern", pattern)
      .help(
          "where in root a picture's map is, of {category}, {split}, {type}, {stem} and {id}; null = as the picture, "
          "with .tiff, .tif, .npy or .png, or a tensor in CATEGORY.safetensors");
  o.field("covers", covers)
      .help(
          "what a map shows: image = the whole picture, whatever the map's size; crop = its resized centre; recorded = "
          "as geometry.json in root says; null = recorded where there is that file, else image")
      .one_of({"image", "crop", "recorded"});
  o.field("resize_mode", resize_mode)
      .help("covers=crop: how the other tool resized pictures")
      .one_of({"shorter_side", "squash"});
  o.field("resize_px", resize_px).help("covers=crop: target of the resize").unit("px").at_least(1);
  o.field("crop_px", crop_px).help("covers=crop: centre crop, 0 = none").unit("px").at_least(0);
  o.field("scale", scale).help("for maps of whole numbers: value = scale * pixel + offset; PNG needs it").above(0);
  o.field("offset", offset).help("see scale");
  o.field("signed", signed_maps)
      .help("maps with negative values: refuse, or shift all by the minimum over train/good (whose maps must be there)")
      .one_of({"refuse", "shift"});
  o.field("scores", scores)
      .help("CSV with columns image (the picture's path in the dataset) and score; null = the map's maximum");
}

External::External(ExternalOptions options, const std::string& key)
    : options_(std::move(options)), maps_(options_.root, options_.pattern, {options_.scale, options_.offset}, key) {
  const auto record = std::filesystem::path(options_.root) / GeometryRecord::kFileName;
  if (!options_.covers) options_.covers = std::filesystem::exists(record) ? "recorded" : "image";
  if (options_.covers == "crop") preparation(options_).geometry({options_.resize_px, options_.resize_px});
  if (!std::filesystem::is_directory(options_.root)) {
    throw core::DataError("there is no such folder of maps", options_.root,
                          fmt::format("Set {}.root to the folder that the other tool wrote its maps to.", key));
  }
  if (options_.covers == "recorded") recorded_ = GeometryRecord::read(record);
  if (options_.scores) scores_ = read_scores(*options_.scores);
}

void External::fit(const ImageSource& train, std::uint64_t /*seed*/) {
  lowest_ = 0;
  if (options_.signed_maps == "refuse") return;
  if (train.ids.size() != train.count || train.count == 0) {
    throw core::DataError("the names of the training pictures are not known, so their maps cannot be found",
                          options_.root, "Set detector.signed=refuse, or use a dataset whose pictures have names.");
  }
  core::Progress progress("maps of train/good", train.count);
  for (const auto& id : train.ids) {
    const auto found = maps_.read(id);
    lowest_ = std::min<double>(*lowest_, *std::min_element(found.map.values.begin(), found.map.values.end()));
    progress.advance(1);
  }
}

imaging::Geometry External::stated_geometry(imaging::Size image, imaging::Size map) const {
  if (options_.covers == "image") return imaging::Geometry::squash(image, map);
  if (options_.covers == "crop") return preparation(options_).geometry(image);
  if (const auto known = recorded_.find(image)) return *known;
  throw core::DataError(fmt::format("nothing is recorded for pictures of {} pixels", text_of(image)),
                        (std::filesystem::path(options_.root) / GeometryRecord::kFileName).string(),
                        "Write the maps again, or state their geometry by detector.covers=image or crop.");
}

imaging::Geometry External::geometry_of(imaging::Size image, const ExternalMaps::Found& found) const {
  const imaging::Geometry geometry = stated_geometry(image, found.map.size());
  if (found.map.size() == geometry.crop) return geometry;
  throw core::DataError(
      fmt::format("the map is {} pixels, expected {} (picture of {} resized to {}{})", text_of(found.map.size()),
                  text_of(geometry.crop), text_of(image), text_of(geometry.resized),
                  geometry.crop == geometry.resized ? ", no crop" : ", then cropped"),
      found.file.string(),
      "Set detector.resize_mode, resize_px and crop_px as the other tool had them, or detector.covers=image when its "
      "maps show whole pictures.");
}

double External::score_of(const std::string& id, const imaging::Map& map) const {
  if (!options_.scores) return *std::max_element(map.values.begin(), map.values.end());
  const auto found = scores_.find(id);
  if (found != scores_.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [name, unused] : scores_) names.push_back(name);
  throw core::DataError(fmt::format("there is no score for '{}'", id), *options_.scores, core::did_you_mean(id, names));
}

std::vector<Prediction> External::predict(std::span<const imaging::Image> images,
                                          std::span<const std::string> ids) const {
  NORMADD_CHECK(lowest_.has_value(), "the external detector was neither fitted nor loaded");
  if (ids.size() != images.size()) {
    throw core::DataError("external maps are found by the pictures' names, and these pictures have none", options_.root,
                          "Predict pictures of a dataset, in their folder.");
  }
  std::vector<Prediction> predictions;
  for (std::size_t i = 0; i < images.size(); ++i) {
    auto found = maps_.read(ids[i]);
    if (options_.signed_maps == "refuse") imaging::require_non_negative(found.map, found.file);
    Prediction prediction;
    prediction.geometry = geometry_of(images[i].size(), found);
    prediction.map = std::move(found.map);
    for (float& value : prediction.map.values) {
      value = std::max(0.0f, static_cast<float>(static_cast<double>(value) - *lowest_));
    }
    prediction.score = score_of(ids[i], prediction.map);
    predictions.push_back(std::move(prediction));
  }
  return predictions;
}

MemoryEstimate External::memory_estimate(std::size_t /*num_train*/, imaging::Size image) const {
  const auto map = static_cast<std::uint64_t>(image.height) * static_cast<std::uint64_t>(image.width) * sizeof(float);
  return {map, map, "one map at a time, nothing is learnt"};
}

nlohmann::ordered_json External::identity() const {
  nlohmann::ordered_json detector{{"name", options_.name}, {"root", options_.root}};
  detector["pattern"] = options_.pattern ? nlohmann::ordered_json(*options_.pattern) : nullptr;
  detector["covers"] = *options_.covers;
  if (options_.covers == "crop") {
    detector["resize_mode"] = options_.resize_mode;
    detector["resize_px"] = options_.resize_px;
    detector["crop_px"] = options_.crop_px;
  }
  detector["scale"] = options_.scale ? nlohmann::ordered_json(*options_.scale) : nullptr;
  detector["offset"] = options_.offset;
  detector["signed"] = options_.signed_maps;
  detector["scores"] = options_.scores ? nlohmann::ordered_json(*options_.scores) : nullptr;
  return {{"detector", std::move(detector)}};
}

std::string External::settings() const { return settings_text(identity()); }

std::string External::input_hash(std::span<const std::string> ids) const {
  std::string text;
  for (const auto& id : ids) {
    text += id + '\n';
    try {
      const auto found = maps_.read(id);
      const auto& values = found.map.values;
      text += fmt::format("{}x{} ", found.map.height, found.map.width);
      text += core::xxh128_hex({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
      const auto score = scores_.find(id);
      if (score != scores_.end()) text += fmt::format(" {}", score->second);
    } catch (const core::Error& error) {
      text += error.what();
    }
    text += '\n';
  }
  const auto geometry = std::filesystem::path(options_.root) / GeometryRecord::kFileName;
  if (std::filesystem::is_regular_file(geometry)) text += core::xxh128_hex_of_file(geometry);
  return core::xxh128_hex(text);
}

void External::save(const std::filesystem::path& path, const Notes& notes) const {
  NORMADD_CHECK(lowest_.has_value(), "the external detector was neither fitted nor loaded");
  networks::write_safetensors(path, {{"lowest", at::scalar_tensor(*lowest_, at::kDouble)}},
                              saved_header(notes, identity(), kFileFormat));
}

void External::load(const std::filesystem::path& path) {
  const auto file = networks::SafetensorsFile::open(path);
  require_saved(file, identity(), kFileFormat);
  const at::Tensor lowest = file.tensor("lowest");
  if (lowest.numel() != 1 || lowest.scalar_type() != at::kDouble || !(lowest.item<double>() <= 0) ||
      !std::isfinite(lowest.item<double>())) {
    throw core::WeightsError("the tensor 'lowest' is not one number of at most 0", path.string(),
                             "Fit the detector again.");
  }
  lowest_ = lowest.item<double>();
}

}  // namespace normadd::detectors
