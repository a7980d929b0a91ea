// SPDX-License-Identifier: Apache-2.0
// Procedural pictures of industrial surfaces and objects with exact defect masks: the demo dataset and, from other
// categories and parameters, the training data of the micro models. Everything is a pure function of seeds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/random.h"
#include "imaging/image.h"

namespace normadd::datasets {

/// scratch, hole, stain, crack, glue, thread, dent, contamination, color, print: the vocabulary shared by demo and
/// training.
const std::vector<std::string>& procedural_defect_types();
/// wood, leather, fabric, tile, metal, stone, foam, brick, board, nut, capsule, washer, pill, gear.
const std::vector<std::string>& procedural_training_categories();
/// carpet, grid, marble, bottle, cable, hazelnut: never drawn for training.
const std::vector<std::string>& procedural_demo_categories();
/// The five defect types of a demo category, sorted by name.
const std::vector<std::string>& procedural_demo_types(const std::string& category);

struct ProceduralImage {
  imaging::Image image;         // RGB, side x side
  imaging::Image defect_class;  // one channel: 0 = normal, 1 + index into procedural_defect_types()
  imaging::Mask object;         // 1 where the object (or the whole texture) is
};

/// A training picture: category parameters are drawn anew for every picture. types: indices of the defects to paint (0
/// to 2).
ProceduralImage draw_training_image(core::RandomStream& random, std::size_t category, std::span<const int> types,
                                    int side = 128);

/// A demo picture: category parameters are fixed by (seed, category); the instance varies with the stream.
/// type = "good" or one of procedural_demo_types(category).
ProceduralImage draw_demo_image(std::uint64_t seed, const std::string& category, const std::string& type,
                                core::RandomStream& random, int side = 128);

struct DemoOptions {
  std::uint64_t seed = 77;
  int side_px = 128;
  int train_good = 40;
  int test_good = 20;
  int test_per_type = 10;
};

/// Writes the demo dataset in MVTec AD layout below root (must not exist or be an earlier, identical demo). A marker
/// file demo.json records the options; an existing demo with the same options is left alone and returns false.
/// Throws ConfigError for a side below 32 px or above 4096 px and for counts below 1, OutputError.
bool write_demo_dataset(const std::filesystem::path& root, const DemoOptions& options);

}  // namespace normadd::datasets
