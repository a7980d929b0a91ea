// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/error.h"
#include "datasets/procedural.h"
#include "datasets/procedural/categories.h"
#include "datasets/procedural/defects.h"

namespace normadd::datasets {
namespace {

struct NamedPainter {
  const char* name;
  CategoryPainter paint;
};

constexpr NamedPainter kTraining[] = {
    {"wood", paint_wood},   {"leather", paint_leather}, {"fabric", paint_fabric},   {"tile", paint_tile},
    {"metal", paint_metal}, {"stone", paint_stone},     {"foam", paint_foam},       {"brick", paint_brick},
    {"board", paint_board}, {"nut", paint_nut},         {"capsule", paint_capsule}, {"washer", paint_washer},
    {"pill", paint_pill},   {"gear", paint_gear},
};

struct DemoCategory {
  const char* name;
  CategoryPainter paint;
  std::vector<std::string> types;  // sorted
};

const std::vector<DemoCategory>& demo_table() {
  static const std::vector<DemoCategory> table{
      {"bottle", paint_bottle, {"contamination", "crack", "dent", "print", "scratch"}},
      {"cable", paint_cable, {"color", "dent", "glue", "hole", "thread"}},
      {"carpet", paint_carpet, {"color", "glue", "hole", "stain", "thread"}},
      {"grid", paint_grid, {"color", "contamination", "glue", "stain", "thread"}},
      {"hazelnut", paint_hazelnut, {"crack", "dent", "hole", "print", "scratch"}},
      {"marble", paint_marble, {"contamination", "crack", "print", "scratch", "stain"}},
  };
  return table;
}

const DemoCategory& demo_category(const std::string& name) {
  for (const auto& category : demo_table()) {
    if (name == category.name) return category;
  }
  throw core::InternalError("no procedural demo category '" + name + "'", "", "");
}

std::size_t type_index(const std::string& type) {
  const auto& types = procedural_defect_types();
  const auto found = std::find(types.begin(), types.end(), type);
  NORMADD_CHECK(found != types.end(), type);
  return static_cast<std::size_t>(found - types.begin());
}

/// The three streams keep scene, defects and camera apart, so that a picture with and without defects is the same
/// elsewhere.
struct PictureStreams {
  explicit PictureStreams(core::RandomStream& random)
      : scene(random.bits(), "scene"), defects(random.bits(), "defects"), camera(random.bits(), "camera") {}
  core::RandomStream scene, defects, camera;
};

ProceduralImage finish(Scene& scene, PictureStreams& streams, std::span<const int> types) {
  ProceduralImage picture;
  const int side = scene.canvas.side();
  picture.defect_class = imaging::Image(side, side, 1);
  for (const int type : types)
    paint_defect(static_cast<std::size_t>(type), streams.defects, scene, picture.defect_class);
  picture.image = scene.canvas.photographed(streams.camera);
  picture.object = std::move(scene.object);
  return picture;
}

}  // namespace

const std::vector<std::string>& procedural_defect_types() {
  static const std::vector<std::string> types{"scratch", "hole", "stain",         "crack", "glue",
                                              "thread",  "dent", "contamination", "color", "print"};
  return types;
}

const std::vector<std::string>& procedural_training_categories() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const auto& category : kTraining) list.emplace_back(category.name);
    return list;
  }();
  return names;
}

const std::vector<std::string>& procedural_demo_categories() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const auto& category : demo_table()) list.emplace_back(category.name);
    return list;
  }();
  return names;
}

const std::vector<std::string>& procedural_demo_types(const std::string& category) {
  return demo_category(category).types;
}

ProceduralImage draw_training_image(core::RandomStream& random, std::size_t category, std::span<const int> types,
                                    int side) {
  PictureStreams streams(random);
  Scene scene(side);
  NORMADD_CHECK(category < std::size(kTraining), std::to_string(category));
  kTraining[category].paint(streams.scene, streams.scene, scene);
  return finish(scene, streams, types);
}

ProceduralImage draw_demo_image(std::uint64_t seed, const std::string& category, const std::string& type,
                                core::RandomStream& random, int side) {
  PictureStreams streams(random);
  Scene scene(side);
  core::RandomStream fixed(seed, "demo category " + category);
  demo_category(category).paint(fixed, streams.scene, scene);
  if (type == "good") return finish(scene, streams, {});
  const int index = static_cast<int>(type_index(type));
  return finish(scene, streams, std::span<const int>(&index, 1));
}

}  // namespace normadd::datasets
