// SPDX-License-Identifier: Apache-2.0
#include "reporting/picture_records.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/utf8.h"
#include "imaging/codec.h"
#include "reporting/escaping.h"

namespace normadd::reporting {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kThumbnails = "worst.json";

/// Names are any bytes; JSON is UTF-8.
std::string text(const std::string& bytes) { return core::valid_utf8(bytes); }

void write_json(const fs::path& path, const Json& json) { core::write_file_atomically(path, json.dump(1) + "\n"); }

[[noreturn]] void fail(const fs::path& path, const std::string& what) {
  throw core::DataError(what, path.string(), "Remove the file, or run again: 'normadd run' writes it.");
}

/// use(json), with whatever it finds wrong as an error of the file.
template <typename Use>
void read_json(const fs::path& path, const Use& use) {
  try {
    use(Json::parse(core::read_file(path)));
  } catch (const nlohmann::json::exception&) {
    fail(path, "this is not what describes a run's pictures");
  }
}

/// A picture stands beside its record, whatever the record says.
std::string file_name(const Json& json, const fs::path& path) {
  const auto name = json.at("picture").get<std::string>();
  if (name != fs::path(name).filename().string() || !name.ends_with(".png") || name.starts_with('.')) {
    fail(path, fmt::format("'{}' is no picture's file name", name));
  }
  return name;
}

Json json_of(const Rectangle& area) { return Json::array({area.left, area.top, area.width, area.height}); }

Rectangle rectangle_of(const Json& json, const PanelRecord& record, const fs::path& path) {
  const auto numbers = json.get<std::array<std::int64_t, 4>>();
  const auto [left, top, width, height] = numbers;
  constexpr std::int64_t kMost = 1 << 20;
  if (left < 0 || top < 0 || width < 1 || height < 1 || left > kMost || top > kMost || left + width > record.width ||
      top + height > record.height) {
    fail(path, "a tile reaches beyond the picture");
  }
  return {static_cast<int>(left), static_cast<int>(top), static_cast<int>(width), static_cast<int>(height)};
}

}  // namespace

std::string panel_name(const std::string& category, const std::string& added) {
  return file_name_text(category + "_" + added);
}

void write_panel(const fs::path& images, PanelRecord record, const Panel& panel) {
  NORMADD_CHECK(record.examples.size() == panel.rows.size(), "one example per row");
  const std::string name = panel_name(record.category, record.added);
  Json json{{"detector", text(record.detector)}, {"category", text(record.category)}, {"added", text(record.added)},
            {"prompts", text(record.prompts)},   {"fusion", text(record.fusion)},     {"picture", name + ".png"},
            {"width", panel.picture.width},      {"height", panel.picture.height},    {"examples", Json::array()}};
  for (std::size_t i = 0; i < panel.rows.size(); ++i) {
    const PanelExample& example = record.examples[i];
    const PanelTiles& tiles = panel.rows[i];
    json["examples"].push_back({{"role", example.role},
                                {"type", text(example.type)},
                                {"image", text(example.image)},
                                {"score_before", example.score_before},
                                {"score_after", example.score_after},
                                {"tiles",
                                 {{"image", json_of(tiles.image)},
                                  {"mask", json_of(tiles.mask)},
                                  {"before", json_of(tiles.before)},
                                  {"suppression", json_of(tiles.suppression)},
                                  {"after", json_of(tiles.after)}}}});
  }
  imaging::write_png(images / (name + ".png"), panel.picture, /*is_small=*/true);
  write_json(images / (name + ".json"), json);
}

bool read_panel(const fs::path& images, const std::string& category, const std::string& added, PanelRecord& record) {
  const fs::path path = images / (panel_name(category, added) + ".json");
  if (!fs::is_regular_file(path)) return false;
  read_json(path, [&](const Json& json) {
    const auto string_of = [&](const char* key) { return json.at(key).get<std::string>(); };
    record = {string_of("detector"),
              string_of("category"),
              string_of("added"),
              string_of("prompts"),
              string_of("fusion"),
              file_name(json, path),
              0,
              0,
              {}};
    record.width = json.at("width").get<int>();
    record.height = json.at("height").get<int>();
    for (const auto& entry : json.at("examples")) {
      PanelExample example{entry.at("role").get<std::string>(),   entry.at("type").get<std::string>(),
                           entry.at("image").get<std::string>(),  entry.at("score_before").get<double>(),
                           entry.at("score_after").get<double>(), {}};
      const auto tile = [&](const char* key) { return rectangle_of(entry.at("tiles").at(key), record, path); };
      example.tiles = {tile("image"), tile("mask"), tile("before"), tile("suppression"), tile("after")};
      record.examples.push_back(std::move(example));
    }
  });
  return true;
}

void write_thumbnails(const fs::path& images, const std::vector<Thumbnail>& thumbnails) {
  Json json = Json::array();
  for (const auto& one : thumbnails) {
    json.push_back({{"category", text(one.category)}, {"image", text(one.image)}, {"picture", one.picture}});
  }
  write_json(images / kThumbnails, {{"thumbnails", json}});
}

std::vector<Thumbnail> read_thumbnails(const fs::path& images) {
  std::vector<Thumbnail> thumbnails;
  const fs::path path = images / kThumbnails;
  if (!fs::is_regular_file(path)) return thumbnails;
  read_json(path, [&](const Json& json) {
    for (const auto& entry : json.at("thumbnails")) {
      thumbnails.push_back(
          {entry.at("category").get<std::string>(), entry.at("image").get<std::string>(), file_name(entry, path)});
    }
  });
  return thumbnails;
}

}  // namespace normadd::reporting
