// SPDX-License-Identifier: Apache-2.0
// The smallest faultless dataset of each layout besides MVTec AD's: tests spoil one thing each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "datasets/check.h"
#include "small_dataset.h"
#include "support/temporary_directory.h"

namespace normadd::datasets {

/// 24 bits per pixel, one value, as BTAD's pictures are.
inline void write_bmp(const std::filesystem::path& path, int value, imaging::Size size = {8, 6}) {
  const auto row_bytes = static_cast<std::uint32_t>((size.width * 3 + 3) / 4 * 4);
  const std::uint32_t data_bytes = row_bytes * static_cast<std::uint32_t>(size.height), header_bytes = 54;
  std::string bytes = "BM";
  const auto add = [&](std::uint32_t number, int width) {
    for (int i = 0; i < width; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xff);
  };
  for (const std::uint32_t number : {header_bytes + data_bytes, 0u, header_bytes, 40u,
                                     static_cast<std::uint32_t>(size.width), static_cast<std::uint32_t>(size.height)}) {
    add(number, 4);
  }
  add(1, 2);
  add(24, 2);
  for (const std::uint32_t number : {0u, data_bytes, 2835u, 2835u, 0u, 0u}) add(number, 4);
  bytes.append(data_bytes, static_cast<char>(value));
  std::filesystem::create_directories(path.parent_path());
  core::write_file_atomically(path, bytes);
}

struct Miniature {
  std::filesystem::path path(const std::string& below) const { return root / below; }
  void picture(const std::string& below, int value = 100, imaging::Size size = {8, 6}) const {
    write_grey_png(root / below, value, size);
  }
  void write(const std::string& below, const std::string& bytes) const {
    std::filesystem::create_directories((root / below).parent_path());
    core::write_file_atomically(root / below, bytes);
  }
  void remove(const std::string& below) const { std::filesystem::remove_all(root / below); }
  /// Replaces a piece of a text file.
  void edit(const std::string& below, const std::string& old_text, const std::string& new_text) const {
    std::string text = core::read_file(root / below);
    const auto at = text.find(old_text);
    if (at == std::string::npos) throw std::runtime_error("no '" + old_text + "' in " + below);
    core::write_file_atomically(root / below, text.replace(at, old_text.size(), new_text));
  }

  test::TemporaryDirectory directory;
  std::filesystem::path root = directory.path() / "data";
};

/// Two categories, "candle" and "pcb1": two training, one good test image, anomalies 000 (bent), 001 (melt), 002
/// (both).
struct SmallVisa : Miniature {
  SmallVisa() {
    std::string split = "object,split,label,image,mask\r\n";
    for (const std::string name : {"candle", "pcb1"}) {
      const std::string images = name + "/Data/Images/", masks = name + "/Data/Masks/Anomaly/";
      std::string annotations = "image,label,mask\r\n";
      // The published split is in no order either.
      for (const std::string stem : {"0002", "0000", "0001"}) {
        const std::string image = images + "Normal/" + stem + ".JPG";
        picture(image, 90);
        split += name + (stem == "0001" ? ",test" : ",train") + ",normal," + image + ",\r\n";
        annotations += image + ",normal,\r\n";
      }
      const std::vector<std::string> labels{"bent", "Burnt Spot", "\"bent,melt\""};
      for (int i = 0; i < 3; ++i) {
        const std::string stem = "00" + std::to_string(i);
        const std::string image = images + "Anomaly/" + stem + ".JPG", mask = masks + stem + ".png";
        picture(image, 120);
        picture(mask, i + 1);
        split += name + ",test,anomaly," + image + "," + mask + "\r\n";
        annotations += image + "," + labels[static_cast<std::size_t>(i)] + "," + mask + "\r\n";
      }
      write(name + "/image_anno.csv", annotations);
    }
    write("split_csv/1cls.csv", split);
    write("split_csv/2cls_fewshot.csv",
          "object,split,label,image,mask\n"
          "pcb1,train,normal,pcb1/Data/Images/Normal/0000.JPG,\n"
          "pcb1,train,anomaly,pcb1/Data/Images/Anomaly/000.JPG,"
          "pcb1/Data/Masks/Anomaly/000.png\n"
          "pcb1,test,normal,pcb1/Data/Images/Normal/0001.JPG,\n"
          "pcb1,test,anomaly,pcb1/Data/Images/Anomaly/001.JPG,"
          "pcb1/Data/Masks/Anomaly/001.png\n");
  }
};

/// "01" with .bmp images and .png masks, "03" with both in .bmp, as published.
struct SmallBtad : Miniature {
  SmallBtad() {
    for (const std::string name : {"01", "03"}) {
      for (const char* image : {"/train/ok/0000.bmp", "/train/ok/0001.bmp", "/test/ok/0002.bmp", "/test/ko/0000.bmp"}) {
        write_bmp(root / (name + image), 90);
      }
    }
    picture("01/ground_truth/ko/0000.png", 255);
    write_bmp(root / "03/ground_truth/ko/0000.bmp", 255);
  }
};

/// Ten normal images, the types "bent" and "cut" below "defects", masks in "masks".
struct SmallFolder : Miniature {
  SmallFolder() {
    for (int i = 0; i < 10; ++i) picture("fine/" + std::to_string(i) + ".png", 90 + i);
    for (const std::string type : {"bent", "cut"}) {
      for (const std::string stem : {"a", "b"}) {
        picture("defects/" + type + "/" + stem + ".png", 120);
        picture("masks/" + type + "/" + stem + "_mask.png", 255);
      }
    }
  }
};

/// "nut" and "bolt" in one folder of pictures, told by manifest.csv.
struct SmallCsv : Miniature {
  SmallCsv() {
    std::string manifest = "image,category,split,type,mask\n";
    for (const std::string name : {"nut", "bolt"}) {
      for (const char* stem : {"1", "2", "3", "4", "5"}) picture("pictures/" + name + stem + ".png");
      for (const char* stem : {"4", "5"}) picture("masks/" + name + stem + ".png", 255);
      const std::string image = "pictures/" + name, mask = "masks/" + name;
      manifest += image + "5.png," + name + ",test,cut," + mask + "5.png\n";
      manifest += image + "4.png," + name + ",test,bent," + mask + "4.png\n";
      manifest += image + "3.png," + name + ",test,good,\n";
      manifest += image + "2.png," + name + ",train,,\n";
      manifest += "./" + image + "1.png," + name + ",train,good,\n";
    }
    write("manifest.csv", manifest);
  }
};

inline std::vector<std::string> ids_of(const std::vector<Sample>& samples) {
  std::vector<std::string> list;
  for (const auto& sample : samples) list.push_back(sample.id);
  return list;
}

/// "error PATH: message", PATH relative to root.
inline std::vector<std::string> lines_of(const std::vector<Finding>& findings, const std::filesystem::path& root) {
  std::vector<std::string> lines;
  for (const auto& finding : findings) {
    const std::string path = std::filesystem::path(finding.path).lexically_relative(root).generic_string();
    lines.push_back((finding.severity == Severity::kError ? "error " : "warning ") + path + ": " + finding.message);
  }
  return lines;
}

}  // namespace normadd::datasets
