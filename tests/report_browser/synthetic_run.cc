// SPDX-License-Identifier: Apache-2.0
#include "report_browser/synthetic_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "config/compose.h"
#include "core/atomic_file.h"
#include "core/csv.h"
#include "core/number_text.h"
#include "core/random.h"
#include "imaging/codec.h"
#include "metrics/roc.h"
#include "reporting/escaping.h"
#include "reporting/picture_records.h"
#include "reporting/run_scores.h"
#include "reporting/worst_errors.h"

namespace normadd::test {
namespace {

namespace fs = std::filesystem;

struct TestImage {
  std::string id, type;
};

std::vector<TestImage> images_of(const SyntheticCategory& category) {
  std::vector<TestImage> images;
  const auto add = [&](const std::string& type, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      images.push_back({fmt::format("{}/test/{}/{:03}.png", category.name, type, i), type});
    }
  };
  add("good", category.num_good);
  for (const auto& type : category.types) add(type, category.num_per_type);
  return images;
}

/// Images of some types against images of others.
double auroc(const std::vector<TestImage>& images, const std::vector<double>& scores, const auto& label_of) {
  std::vector<double> kept;
  std::vector<std::uint8_t> labels;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const int label = label_of(images[i].type);
    if (label < 0) continue;
    kept.push_back(scores[i]);
    labels.push_back(static_cast<std::uint8_t>(label));
  }
  return metrics::image_auroc(kept, labels);
}

class Writer {
 public:
  explicit Writer(const SyntheticRun& run) : run_(run) {
    metrics_.columns = {"run",    "detector", "dataset", "category", "added",    "prompts",    "clip",
                        "fusion", "seed",     "metric",  "value",    "n_normal", "n_anomalous"};
    scores_.columns = {"detector", "category", "image",     "type",         "label_original", "added",
                       "prompts",  "fusion",   "label_new", "score_before", "score_after"};
  }

  void write(const fs::path& folder) {
    for (const auto& detector : run_.detectors) {
      for (const auto& category : run_.categories) add_category(detector, category);
    }
    core::write_csv(folder / "metrics.csv", metrics_);
    core::write_csv(folder / "scores.csv", scores_);
  }

 private:
  struct Cell {
    std::string prompts, fusion;
    double strength = 0;  // how much of an added image's score goes away
  };

  std::vector<Cell> cells() const {
    std::vector<Cell> all{{run_.prompts, "product", 0.5}};
    for (const auto& control : run_.controls) all.push_back({control == "random" ? run_.prompts : "", control, 0});
    return all;
  }

  void add_metric(const std::string& detector, const std::string& category, const std::string& added, const Cell& cell,
                  const std::string& metric, double value, std::size_t normal, std::size_t anomalous) {
    metrics_.rows.push_back({run_.id, detector, run_.dataset, category, added, cell.prompts, "micro_clip", cell.fusion,
                             "0", metric, std::isnan(value) ? "" : core::shortest_text(value), std::to_string(normal),
                             std::to_string(anomalous)});
  }

  void add_category(const std::string& detector, const SyntheticCategory& category) {
    const auto images = images_of(category);
    core::RandomStream stream(7, detector + "\n" + category.name);
    std::vector<double> before;
    for (const auto& image : images) before.push_back(stream.uniform() + (image.type == "good" ? 0.0 : 0.6));
    const auto original = [](const std::string& type) { return type == "good" ? 0 : 1; };
    add_metric(detector, category.name, "", {}, "image_auroc_original", auroc(images, before, original),
               category.num_good, images.size() - category.num_good);
    for (const auto& added : category.types) {
      for (const auto& cell : cells()) add_pair(detector, category, images, before, added, cell, stream);
    }
  }

  void add_pair(const std::string& detector, const SyntheticCategory& category, const std::vector<TestImage>& images,
                const std::vector<double>& before, const std::string& added, const Cell& cell,
                core::RandomStream& stream) {
    std::vector<double> after;
    const auto label = [&](const std::string& type) { return type == "good" || type == added ? 0 : 1; };
    for (std::size_t i = 0; i < images.size(); ++i) {
      const double loss = images[i].type == added ? cell.strength : 0.02 * (cell.fusion == "constant" ? 0 : 1);
      after.push_back(before[i] * (1 - loss * stream.uniform()));
      scores_.rows.push_back({detector, category.name, images[i].id, images[i].type,
                              images[i].type == "good" ? "0" : "1", added, cell.prompts, cell.fusion,
                              std::to_string(label(images[i].type)), core::shortest_text(before[i]),
                              core::shortest_text(after[i])});
    }
    const auto retained = [&](const std::string& type) { return type == added ? -1 : type == "good" ? 0 : 1; };
    const std::size_t normal = category.num_good + category.num_per_type;
    const auto add = [&](const char* metric, double value) {
      add_metric(detector, category.name, added, cell, metric, value, normal, images.size() - normal);
    };
    const double first = auroc(images, before, label), second = auroc(images, after, label);
    add("image_auroc_before", first);
    add("image_auroc_after", second);
    add("image_auroc_gain", second - first);
    add("collateral", auroc(images, after, retained) - auroc(images, before, retained));
    add("s_auroc_added", 0.9);
    add("s_auroc_good", 0.5);
    add("s_auroc_retained", 0.5);
  }

  const SyntheticRun& run_;
  core::CsvTable metrics_, scores_;
};

imaging::Image noise(int side, core::RandomStream& stream) {
  imaging::Image image(side, side, 3);
  for (auto& pixel : image.pixels) pixel = static_cast<std::uint8_t>(256 * stream.uniform());
  return image;
}

/// A blot, twice as bright without suppression.
imaging::Map blot(double brightness) {
  imaging::Map map(56, 56);
  for (int y = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x) {
      map.row(y)[x] = static_cast<float>(brightness * std::exp(-((y - 20) * (y - 20) + (x - 28) * (x - 28)) / 90.0));
    }
  }
  return map;
}

void write_panels(const fs::path& images, const SyntheticRun& run) {
  core::RandomStream stream(11, "panels");
  for (const auto& category : run.categories) {
    for (const auto& added : category.types) {
      const std::string retained = category.types.front() == added ? category.types.back() : category.types.front();
      reporting::PanelRecord record{run.detectors.front(), category.name, added, run.prompts, "product", {}, 0, 0, {}};
      std::vector<reporting::PanelRow> rows;
      for (const auto& [role, type] :
           {std::pair<std::string, std::string>{"added", added}, {"retained", retained}, {"good", "good"}}) {
        record.examples.push_back({role, type, fmt::format("{}/test/{}/000.png", category.name, type), 1.0, 0.5, {}});
        rows.push_back({role, noise(224, stream), {}, blot(1.0), blot(0.5), blot(0.5), 1.0, 0.5});
      }
      reporting::write_panel(images, record, reporting::draw_panel("panel", rows));
    }
  }
}

void write_thumbnails(const fs::path& folder) {
  core::RandomStream stream(13, "thumbnails");
  std::vector<reporting::Thumbnail> thumbnails;
  std::set<std::string> known;
  for (const auto& detector : reporting::worst_errors(reporting::read_run_scores(folder / "scores.csv"))) {
    for (const auto* errors : {&detector.false_accepts, &detector.false_rejects}) {
      for (const auto& error : *errors) {
        if (!known.insert(error.category + "\n" + error.image).second) continue;
        const std::string name = fmt::format("worst_{:02}.png", known.size());
        imaging::write_png(folder / "images" / name, noise(160, stream), /*is_small=*/true);
        thumbnails.push_back({error.category, error.image, name});
      }
    }
  }
  reporting::write_thumbnails(folder / "images", thumbnails);
}

}  // namespace

void write_synthetic_run(const fs::path& folder, const SyntheticRun& run) {
  Writer(run).write(folder);
  const auto map = [](config::MapEntries entries) { return config::Value(std::move(entries)); };
  const config::Value resolved = map({{"dataset", map({{"name", run.dataset}})},
                                      {"detector", map({{"name", run.detectors.front()}})},
                                      {"normality", map({{"name", "clip_dense"}})},
                                      {"clip", map({{"name", "micro_clip"}})},
                                      {"fusion", map({{"rule", "product"}, {"lambda", run.fusion_lambda}})},
                                      {"seed", 0}});
  core::write_file_atomically(folder / "config.resolved.yaml", config::to_yaml(resolved));
  core::write_file_atomically(
      folder / ".hydra" / "overrides.yaml",
      config::to_yaml(config::Value(config::List{"dataset.name='" + run.dataset + "'", "run.dir=/elsewhere"})));
  const nlohmann::ordered_json manifest{{"run", run.id},
                                        {"identity", run.id + run.id},
                                        {"started", "2026-01-02T03:04:05+0000"},
                                        {"program_version", "1"},
                                        {"git_commit", "0123456789ab"},
                                        {"seed", 0},
                                        {"weights_sha256", {{"/weights/" + run.dataset, std::string(64, 'a')}}}};
  const auto replace = nlohmann::json::error_handler_t::replace;
  core::write_file_atomically(folder / "manifest.json", manifest.dump(2, ' ', false, replace));
  core::write_file_atomically(folder / "status.json", R"({"state":"done","started":"2026-01-02","seconds":12.5})");
  if (!run.has_pictures) return;
  write_panels(folder / "images", run);
  write_thumbnails(folder);
}

std::vector<SyntheticCategory> mvtec_sized_categories() {
  std::vector<SyntheticCategory> categories;
  for (int c = 0; c < 15; ++c) {
    SyntheticCategory category{fmt::format("category_{:02}", c), {}, 25, 18};
    if (c >= 12) category.num_good = 27, category.num_per_type = 22;
    for (int t = 0; t < (c < 12 ? 5 : 4); ++t) category.types.push_back(fmt::format("defect_{}", t));
    categories.push_back(std::move(category));
  }
  return categories;
}

}  // namespace normadd::test
