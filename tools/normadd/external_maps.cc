// SPDX-License-Identifier: Apache-2.0
#include "normadd/external_maps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/csv.h"
#include "core/error.h"
#include "core/log.h"
#include "core/progress.h"
#include "experiment/evaluation_frame.h"
#include "experiment/map_files.h"
#include "imaging/codec.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;

/// Native scores by image id.
std::map<std::string, double> read_scores(const std::string& file) {
  const core::CsvTable table = core::read_csv(file);
  for (const char* column : {"image", "score"}) {
    if (std::find(table.columns.begin(), table.columns.end(), column) == table.columns.end()) {
      throw core::DataError(fmt::format("the table has no column '{}'", column), file + ":1",
                            "It needs image (CATEGORY/test/TYPE/FILE) and score.");
    }
  }
  std::map<std::string, double> scores;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const std::string& text = table.rows[r][table.column("score")];
    double score = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), score);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(score)) {
      throw core::DataError(fmt::format("the score '{}' is not a finite number", text),
                            fmt::format("{}:{}", file, r + 2), "");
    }
    scores[table.rows[r][table.column("image")]] = score;
  }
  return scores;
}

/// Whatever its resolution, a map has the shape of the part of the image that it covers.
void check_shape(const imaging::Map& map, const imaging::Geometry& geometry, const fs::path& file) {
  const double map_aspect = static_cast<double>(map.width) / map.height;
  const double crop_aspect = static_cast<double>(geometry.crop.width) / geometry.crop.height;
  if (std::abs(map_aspect / crop_aspect - 1) < 0.02) return;
  throw core::DataError(fmt::format("the map is {}x{} pixels, but its stated geometry gives {}x{}", map.width,
                                    map.height, geometry.crop.width, geometry.crop.height),
                        file.string(), "State the resize and crop of the tool, or leave both out.");
}

}  // namespace

imaging::Geometry MapSource::geometry(const datasets::Sample& sample, const imaging::Map& map) const {
  const imaging::Size image = imaging::read_image_size(sample.image);
  if (preprocessing) return preprocessing->geometry(image);
  if (const auto known = recorded.find(image)) return *known;
  if (!recorded.is_empty()) {
    throw core::DataError(fmt::format("no geometry is recorded for pictures of {}x{}", image.width, image.height),
                          (folder / detectors::GeometryRecord::kFileName).string(),
                          "State it by --resize and --crop, or write the maps again.");
  }
  return imaging::Geometry::squash(image, map.size());
}

MapSource map_source_of(const cxxopts::ParseResult& flags) {
  MapSource source;
  source.folder = required_flag(flags, "maps");
  if (!fs::is_directory(source.folder)) {
    throw core::DataError("no such folder of maps", source.folder.string(), "Check --maps.");
  }
  source.recorded = detectors::GeometryRecord::read_if_present(source.folder / detectors::GeometryRecord::kFileName);
  if (flags.count("scale") > 0) source.scale.scale = flags["scale"].as<double>();
  source.scale.offset = flags["offset"].as<double>();
  if (flags.count("resize") > 0) {
    networks::Preprocessing preprocessing;
    preprocessing.mode = networks::parse_resize_mode(flags["resize-mode"].as<std::string>());
    preprocessing.resize_px = flags["resize"].as<int>();
    preprocessing.crop_px = flags["crop"].as<int>();
    preprocessing.geometry({256, 256});  // refuses sizes that do not fit together before anything is read
    source.preprocessing = preprocessing;
  } else if (flags.count("crop") > 0) {
    throw core::ConfigError("a crop alone does not say where the map lies", "--crop",
                            "Give --resize too: the size to which the tool brought the image before.");
  }
  if (flags.count("scores") > 0) {
    source.native_scores_file = flags["scores"].as<std::string>();
    source.native_scores = read_scores(source.native_scores_file);
  }
  return source;
}

void check_native_scores(const MapSource& source, const datasets::Category& category) {
  if (!source.native_scores) return;
  std::size_t missing = 0;
  std::string first;
  for (const auto& sample : category.test) {
    if (source.native_scores->count(sample.id) > 0) continue;
    if (missing++ == 0) first = sample.id;
  }
  if (missing == 0) return;
  throw core::DataError(fmt::format("{} of {} test images of '{}' have no score, first {}", missing,
                                    category.test.size(), category.name, first),
                        source.native_scores_file, "Add their rows; image is the path below the dataset's root.");
}

void add_maps(const datasets::Category& category, const std::map<std::string, fs::path>& files, const MapSource& source,
              const experiment::MetricsOptions& options, experiment::MapEvaluation& evaluation) {
  core::Progress progress("evaluate " + category.name, category.test.size());
  for (const auto& sample : category.test) {
    const fs::path& file = files.at(sample.id);
    imaging::Map map = imaging::read_map(file, source.scale);
    const imaging::Geometry geometry = source.geometry(sample, map);
    check_shape(map, geometry, file);
    const auto framed = experiment::framed(sample, std::move(map), geometry, options.resolution);
    const auto native = source.native_scores ? std::optional(source.native_scores->at(sample.id)) : std::nullopt;
    evaluation.add(experiment::evaluated(sample, framed, native));
    progress.advance();
  }
  if (!evaluation.without_mask().empty()) {
    core::log_warning(fmt::format("{}: {} of {} test images have no mask and are left out of pixel metrics: {}",
                                  category.name, evaluation.without_mask().size(), category.test.size(),
                                  fmt::join(evaluation.without_mask(), ", ")));
  }
}

std::vector<double> train_maxima(const datasets::Category& category, const MapSource& source) {
  std::vector<double> maxima;
  for (const auto& [unused, file] : experiment::find_map_files(source.folder, category.train, "training")) {
    const imaging::Map map = imaging::read_map(file, source.scale);
    maxima.push_back(*std::max_element(map.values.begin(), map.values.end()));
  }
  return maxima;
}

}  // namespace normadd::tools
