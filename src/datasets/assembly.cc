// SPDX-License-Identifier: Apache-2.0
#include "datasets/assembly.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "core/error.h"
#include "core/hashing.h"
#include "core/nearest_name.h"
#include "datasets/manifest.h"

namespace normadd::datasets {
namespace {

namespace fs = std::filesystem;

std::string below(const fs::path& root, const fs::path& file) { return file.lexically_relative(root).generic_string(); }

}  // namespace

Sample make_sample(const fs::path& root, const fs::path& image, const std::string& type) {
  Sample sample;
  sample.id = below(root, image);
  sample.defect_type = type;
  sample.image = image;
  return sample;
}

void put_in_order(Category& category) {
  const auto key = [](const Sample& sample) { return std::tie(sample.defect_type, sample.id); };
  const auto before = [&](const Sample& a, const Sample& b) {
    return a.anomalous() != b.anomalous() ? b.anomalous() : key(a) < key(b);
  };
  std::sort(category.train.begin(), category.train.end(), before);
  std::sort(category.test.begin(), category.test.end(), before);
  std::set<std::string> types;
  category.missing_masks.clear();
  for (const auto& sample : category.test) {
    if (!sample.anomalous()) continue;
    types.insert(sample.defect_type);
    if (!sample.mask) category.missing_masks.push_back(sample.id);
  }
  category.defect_types.assign(types.begin(), types.end());
}

std::vector<std::string> select_categories(const std::vector<std::string>& found,
                                           const std::vector<std::string>& wanted, const std::string& where) {
  for (auto name = wanted.begin(); name != wanted.end(); ++name) {
    if (std::find(wanted.begin(), name, *name) != name) {
      throw core::ConfigError(fmt::format("the category '{}' is named twice", *name), "dataset.categories",
                              "Name each once.");
    }
    if (std::find(found.begin(), found.end(), *name) == found.end()) {
      throw core::DataError(fmt::format("the dataset has no category '{}'", *name), where,
                            core::did_you_mean(*name, found));
    }
  }
  return wanted.empty() ? found : wanted;
}

std::string hash_of_files(const fs::path& root, const std::vector<Category>& categories) {
  std::set<std::string> paths;
  for (const auto& category : categories) {
    for (const auto* samples : {&category.train, &category.test}) {
      for (const auto& sample : *samples) {
        paths.insert(sample.id);
        if (sample.mask) paths.insert(below(root, *sample.mask));
      }
    }
  }
  return content_hash(make_manifest(root, {paths.begin(), paths.end()}));
}

std::string hash_of_files_and_labels(const fs::path& root, const std::vector<Category>& categories) {
  std::set<std::string> lines;
  for (const auto& category : categories) {
    for (const auto* samples : {&category.train, &category.test}) {
      for (const auto& sample : *samples) {
        lines.insert(fmt::format("{}\n{}\n{}\n{}\n{}\n", sample.id, category.name,
                                 samples == &category.train ? "train" : "test", sample.defect_type,
                                 sample.mask ? below(root, *sample.mask) : ""));
      }
    }
  }
  std::string text = hash_of_files(root, categories);
  for (const auto& line : lines) text += line;
  return core::xxh128_hex(text);
}

}  // namespace normadd::datasets
