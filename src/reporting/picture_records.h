// SPDX-License-Identifier: Apache-2.0
// Beside the pictures of a run (RUN/images) lie JSON files that say what each shows: names of categories and images
// come from data, and cannot be read back from file names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reporting/panel.h"

namespace normadd::reporting {

/// One example of a panel.
struct PanelExample {
  std::string role;         // "added", "retained" or "good"
  std::string type, image;  // defect type, id in scores.csv
  double score_before = 0, score_after = 0;
  PanelTiles tiles;
};

/// images/PICTURE.json of a panel images/PICTURE.png.
struct PanelRecord {
  std::string detector, category, added, prompts, fusion;
  std::string picture;  // file name in images/
  int width = 0, height = 0;
  std::vector<PanelExample> examples;
};

/// The file name, without extension, of a pair's panel: safe whatever the names are.
std::string panel_name(const std::string& category, const std::string& added);

/// Writes images/NAME.png and images/NAME.json; fills in picture, width, height and the examples' tiles. Throws
/// OutputError.
void write_panel(const std::filesystem::path& images, PanelRecord record, const Panel& panel);

/// The record of a pair's panel; false when there is none (runs of older versions have the picture alone). Throws
/// DataError naming the file when it is damaged or its tiles reach beyond the picture.
bool read_panel(const std::filesystem::path& images, const std::string& category, const std::string& added,
                PanelRecord& record);

/// A small picture of a test image.
struct Thumbnail {
  std::string category, image;  // as in scores.csv
  std::string picture;          // file name in images/
};

/// images/worst.json.
void write_thumbnails(const std::filesystem::path& images, const std::vector<Thumbnail>& thumbnails);
/// Empty when there is no such file. Throws DataError.
std::vector<Thumbnail> read_thumbnails(const std::filesystem::path& images);

}  // namespace normadd::reporting
