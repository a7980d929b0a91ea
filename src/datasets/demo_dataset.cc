// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <random>

#include "core/atomic_file.h"
#include "core/error.h"
#include "datasets/parallel_files.h"
#include "datasets/procedural.h"
#include "imaging/codec.h"

namespace normadd::datasets {
namespace {

namespace fs = std::filesystem;

// Raised whenever the generator paints differently: an older demo on disk is then another dataset.
constexpr int kGeneratorVersion = 1;
constexpr const char* kMarker = "demo.json";

std::string marker_text(const DemoOptions& options) {
  return nlohmann::ordered_json{{"generator", "normadd data demo"},
                                {"version", kGeneratorVersion},
                                {"seed", options.seed},
                                {"side_px", options.side_px},
                                {"train_good", options.train_good},
                                {"test_good", options.test_good},
                                {"test_per_type", options.test_per_type}}
             .dump(2) +
         "\n";
}

/// One picture to write: everything that fixes it.
struct Order {
  std::string category, split, type;
  int number = 0;
};

std::vector<Order> orders_for(const DemoOptions& options) {
  std::vector<Order> orders;
  const auto add = [&](const std::string& category, const std::string& split, const std::string& type, int count) {
    for (int i = 0; i < count; ++i) orders.push_back({category, split, type, i});
  };
  for (const auto& category : procedural_demo_categories()) {
    add(category, "train", "good", options.train_good);
    add(category, "test", "good", options.test_good);
    for (const auto& type : procedural_demo_types(category)) add(category, "test", type, options.test_per_type);
  }
  return orders;
}

void write_order(const fs::path& root, const DemoOptions& options, const Order& order) {
  core::RandomStream random(options.seed,
                            fmt::format("demo/{}/{}/{}/{}", order.category, order.split, order.type, order.number));
  const ProceduralImage picture = draw_demo_image(options.seed, order.category, order.type, random, options.side_px);
  const fs::path folder = root / order.category;
  imaging::write_png(folder / order.split / order.type / fmt::format("{:03}.png", order.number), picture.image);
  if (order.type == "good") return;
  imaging::Mask mask = picture.defect_class;
  for (auto& pixel : mask.pixels) pixel = pixel != 0 ? 1 : 0;
  imaging::write_png(folder / "ground_truth" / order.type / fmt::format("{:03}_mask.png", order.number),
                     imaging::mask_to_grey(mask));
}

void check(const DemoOptions& options) {
  const auto require = [](bool holds, const char* name, int value, const char* what) {
    if (!holds) throw core::ConfigError(fmt::format("{} must be {}, but is {}", name, what, value), "demo dataset", "");
  };
  require(options.side_px >= 32 && options.side_px <= 4096, "the side", options.side_px, "32 to 4096 px");
  require(options.train_good >= 1, "the number of training images", options.train_good, "at least 1");
  require(options.test_good >= 1, "the number of good test images", options.test_good, "at least 1");
  require(options.test_per_type >= 1, "the number of test images per type", options.test_per_type, "at least 1");
}

/// Removes what was written so far unless the whole dataset is in place.
struct RemoveOnExit {
  fs::path path;
  ~RemoveOnExit() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

}  // namespace

bool write_demo_dataset(const fs::path& given_root, const DemoOptions& options) {
  check(options);
  // "demo/" means "demo": what is added to the name must not land in the folder.
  const fs::path root = given_root.has_filename() ? given_root : given_root.parent_path();
  const std::string marker = marker_text(options);
  if (fs::exists(root) && !(fs::is_directory(root) && fs::is_empty(root))) {
    if (fs::is_regular_file(root / kMarker) && core::read_file(root / kMarker) == marker) return false;
    throw core::OutputError("the folder exists and is not this demo dataset", root.string(),
                            "Remove it, or choose another folder (dataset.root=PATH, or --root PATH).");
  }
  fs::path temporary = root;
  temporary += fmt::format(".{}-{:08x}.tmp", ::getpid(), std::random_device()());
  const RemoveOnExit cleaner{temporary};
  const auto orders = orders_for(options);
  for_each_in_parallel(orders.size(), [&](std::size_t i) { write_order(temporary, options, orders[i]); });
  core::write_file_atomically(temporary / kMarker, marker);
  std::error_code error;
  fs::remove(root, error);  // an empty folder may stand in the way
  fs::rename(temporary, root, error);
  // Another process may have been faster with the same dataset.
  if (error && fs::is_regular_file(root / kMarker) && core::read_file(root / kMarker) == marker) return false;
  if (error)
    throw core::OutputError("cannot make the folder: " + error.message(), root.string(),
                            "Check its parent's permissions.");
  return true;
}

}  // namespace normadd::datasets
