// SPDX-License-Identifier: Apache-2.0
#include "experiment/dataset_readers.h"

#include <fmt/format.h>

#include <functional>
#include <map>

#include "config/options.h"
#include "core/error.h"
#include "core/log.h"
#include "core/nearest_name.h"
#include "datasets/procedural.h"

namespace normadd::experiment {
namespace {

struct FolderOptions {
  std::string name;
  std::string reader;
  std::string root;
  std::vector<std::string> categories;
  void describe(config::Options& o) {
    o.field("name", name).help("name in tables").required();
    o.field("reader", reader).help("how the files are laid out").required();
    o.field("root", root).help("the dataset's folder").required();
    o.field("categories", categories).help("which categories, [] = all");
  }
};

struct DemoNode : FolderOptions {
  datasets::DemoOptions demo;
  std::int64_t seed = static_cast<std::int64_t>(demo.seed);
  void describe(config::Options& o) {
    FolderOptions::describe(o);
    o.field("seed", seed).help("seed of the whole dataset").at_least(0);
    o.field("side_px", demo.side_px).help("image side").unit("px").at_least(32);
    o.field("train_good", demo.train_good).help("training images per category").at_least(1);
    o.field("test_good", demo.test_good).help("good test images per category").at_least(1);
    o.field("test_per_type", demo.test_per_type).help("test images per defect type").at_least(1);
  }
};

datasets::Dataset read_named(const FolderOptions& options) {
  auto dataset = datasets::read_mvtec_ad(options.root, options.categories);
  dataset.name = options.name;
  return dataset;
}

datasets::Dataset read_folder(const config::Value& node) {
  return read_named(config::read_options<FolderOptions>(node, "dataset"));
}

datasets::Dataset read_demo(const config::Value& node) {
  auto options = config::read_options<DemoNode>(node, "dataset");
  options.demo.seed = static_cast<std::uint64_t>(options.seed);
  if (datasets::write_demo_dataset(options.root, options.demo)) {
    core::log_info(fmt::format("Made the demo dataset in {}", options.root));
  }
  return read_named(options);
}

struct Reader {
  std::function<datasets::Dataset(const config::Value&)> read;
  std::function<std::vector<config::Field>()> fields;
};

const std::map<std::string, Reader> kReaders{
    {"demo", {read_demo, [] { return config::fields_of<DemoNode>(); }}},
    {"mvtec_ad", {read_folder, [] { return config::fields_of<FolderOptions>(); }}}};

const Reader& find(const std::string& name) {
  const auto found = kReaders.find(name);
  if (found == kReaders.end()) {
    throw core::ConfigError(fmt::format("unknown dataset reader '{}'", name), "dataset.reader",
                            core::did_you_mean(name, dataset_reader_names()));
  }
  return found->second;
}

}  // namespace

std::vector<std::string> dataset_reader_names() {
  std::vector<std::string> names;
  names.reserve(kReaders.size());
  for (const auto& [name, unused] : kReaders) names.push_back(name);
  return names;
}

std::vector<config::Field> dataset_fields(const std::string& reader) { return find(reader).fields(); }

datasets::Dataset read_dataset(const config::Value& node) {
  const config::Value* reader = node.find("reader");
  return find(reader != nullptr && reader->is_string() ? reader->as_string() : "").read(node);
}

}  // namespace normadd::experiment
