// SPDX-License-Identifier: Apache-2.0
// A category in MVTec AD layout, just large enough to be faultless: tests spoil one thing each.
#pragma once

#include <filesystem>
#include <string>

#include "core/atomic_file.h"
#include "imaging/codec.h"
#include "support/temporary_directory.h"

namespace normadd::datasets {

inline void write_grey_png(const std::filesystem::path& path, int value, imaging::Size size = {8, 6}) {
  imaging::Image image(size.height, size.width, 1);
  for (auto& pixel : image.pixels) pixel = static_cast<std::uint8_t>(value);
  std::filesystem::create_directories(path.parent_path());
  imaging::write_png(path, image);
}

/// "nut" with two training pictures, one good test picture, and "bent" and "cut" with two test pictures each.
struct SmallDataset {
  SmallDataset() {
    for (const char* number : {"000", "001"}) {
      write_grey_png(nut / "train/good" / (std::string(number) + ".png"), 90);
      for (const char* type : {"cut", "bent"}) {
        write_grey_png(nut / "test" / type / (std::string(number) + ".png"), 120);
        write_grey_png(nut / "ground_truth" / type / (std::string(number) + "_mask.png"), 255);
      }
    }
    write_grey_png(nut / "test/good/000.png", 100);
  }

  void remove(const std::filesystem::path& in_nut) const { std::filesystem::remove_all(nut / in_nut); }
  void write(const std::filesystem::path& in_nut, const std::string& bytes) const {
    std::filesystem::create_directories((nut / in_nut).parent_path());
    core::write_file_atomically(nut / in_nut, bytes);
  }

  test::TemporaryDirectory directory;
  std::filesystem::path root = directory.path();
  std::filesystem::path nut = root / "nut";
};

}  // namespace normadd::datasets
