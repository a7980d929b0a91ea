// SPDX-License-Identifier: Apache-2.0
#include "experiment/dataset_readers.h"

#include <fmt/format.h>

#include <functional>
#include <map>

#include "config/options.h"
#include "core/error.h"
#include "core/log.h"
#include "core/nearest_name.h"
#include "datasets/category_folders.h"
#include "datasets/csv_list.h"
#include "datasets/folder_list.h"
#include "datasets/procedural.h"
#include "datasets/visa.h"

namespace normadd::experiment {
namespace {

/// What every reader has.
struct DatasetNode {
  std::string name;
  std::string reader;
  std::string root;
  void describe(config::Options& o) {
    o.field("name", name).help("name in tables").required();
    o.field("reader", reader).help("how the files are laid out").required();
    o.field("root", root).help("the dataset's folder").required();
  }
};

struct CategoriesNode : DatasetNode {
  std::vector<std::string> categories;
  void describe(config::Options& o) {
    DatasetNode::describe(o);
    o.field("categories", categories).help("which categories, [] = all");
  }
};

struct DemoNode : CategoriesNode {
  datasets::DemoOptions demo;
  std::int64_t seed = static_cast<std::int64_t>(demo.seed);
  void describe(config::Options& o) {
    CategoriesNode::describe(o);
    o.field("seed", seed).help("seed of the whole dataset").at_least(0);
    o.field("side_px", demo.side_px).help("image side").unit("px").at_least(32);
    o.field("train_good", demo.train_good).help("training images per category").at_least(1);
    o.field("test_good", demo.test_good).help("good test images per category").at_least(1);
    o.field("test_per_type", demo.test_per_type).help("test images per defect type").at_least(1);
  }
};

/// A reader's own options in the same node.
template <typename Base, typename Own>
struct NodeWith : Base {
  Own own;
  void describe(config::Options& o) {
    Base::describe(o);
    own.describe(o);
  }
};
using VisaNode = NodeWith<CategoriesNode, datasets::VisaOptions>;
using CsvNode = NodeWith<CategoriesNode, datasets::CsvOptions>;
using FolderNode = NodeWith<DatasetNode, datasets::FolderOptions>;

using datasets::Dataset;
using Findings = std::vector<datasets::Finding>;

struct Reader {
  std::function<Dataset(const config::Value&)> read;
  std::function<Findings(const config::Value&)> check;
  std::function<std::vector<config::Field>()> fields;
};

/// A reader of these options; the dataset gets the node's name.
template <typename Node>
Reader reader_of(
    std::function<Dataset(const Node&)> read, std::function<Findings(const Node&)> check,
    std::function<config::Value(const config::Value&)> prepared = [](const config::Value& node) { return node; }) {
  return {[=](const config::Value& node) {
            const auto options = config::read_options<Node>(prepared(node), "dataset");
            Dataset dataset = read(options);
            dataset.name = options.name;
            return dataset;
          },
          [=](const config::Value& node) { return check(config::read_options<Node>(prepared(node), "dataset")); },
          [] { return config::fields_of<Node>(); }};
}

void make_demo(DemoNode options) {
  options.demo.seed = static_cast<std::uint64_t>(options.seed);
  if (datasets::write_demo_dataset(options.root, options.demo)) {
    core::log_info(fmt::format("Made the demo dataset in {}", options.root));
  }
}

/// abnormal_dir=bad is as good as abnormal_dir=[bad].
config::Value with_list_of_folders(config::Value node) {
  if (config::Value* folders = node.find("abnormal_dir");
      folders != nullptr && folders->is_string() && !folders->is_missing()) {
    const config::Value name = *folders;
    node.set("abnormal_dir", config::List{name});
  }
  return node;
}

const std::map<std::string, Reader>& readers() {
  static const std::map<std::string, Reader> all{
      {"btad", reader_of<CategoriesNode>([](const auto& o) { return datasets::read_btad(o.root, o.categories); },
                                         [](const auto& o) { return datasets::check_btad(o.root, o.categories); })},
      {"csv", reader_of<CsvNode>([](const auto& o) { return datasets::read_csv_dataset(o.root, o.categories, o.own); },
                                 [](const auto& o) { return datasets::check_csv(o.root, o.categories, o.own); })},
      {"demo", reader_of<DemoNode>(
                   [](const auto& o) {
                     make_demo(o);
                     return datasets::read_mvtec_ad(o.root, o.categories);
                   },
                   [](const auto& o) {
                     make_demo(o);
                     return datasets::check_mvtec_ad(o.root, o.categories);
                   })},
      {"folder", reader_of<FolderNode>([](const auto& o) { return datasets::read_folder(o.root, o.own); },
                                       [](const auto& o) { return datasets::check_folder(o.root, o.own); },
                                       with_list_of_folders)},
      {"mpdd", reader_of<CategoriesNode>([](const auto& o) { return datasets::read_mpdd(o.root, o.categories); },
                                         [](const auto& o) { return datasets::check_mpdd(o.root, o.categories); })},
      {"mvtec_ad",
       reader_of<CategoriesNode>([](const auto& o) { return datasets::read_mvtec_ad(o.root, o.categories); },
                                 [](const auto& o) { return datasets::check_mvtec_ad(o.root, o.categories); })},
      {"visa", reader_of<VisaNode>([](const auto& o) { return datasets::read_visa(o.root, o.categories, o.own); },
                                   [](const auto& o) { return datasets::check_visa(o.root, o.categories, o.own); })}};
  return all;
}

const Reader& find(const std::string& name) {
  const auto found = readers().find(name);
  if (found == readers().end()) {
    throw core::ConfigError(fmt::format("unknown dataset reader '{}'", name), "dataset.reader",
                            core::did_you_mean(name, dataset_reader_names()));
  }
  return found->second;
}

const Reader& reader_named_in(const config::Value& node) {
  const config::Value* reader = node.find("reader");
  return find(reader != nullptr && reader->is_string() ? reader->as_string() : "");
}

}  // namespace

std::vector<std::string> dataset_reader_names() {
  std::vector<std::string> names;
  names.reserve(readers().size());
  for (const auto& [name, unused] : readers()) names.push_back(name);
  return names;
}

std::vector<config::Field> dataset_fields(const std::string& reader) { return find(reader).fields(); }

datasets::Dataset read_dataset(const config::Value& node) { return reader_named_in(node).read(node); }

std::vector<datasets::Finding> check_dataset(const config::Value& node) { return reader_named_in(node).check(node); }

}  // namespace normadd::experiment
