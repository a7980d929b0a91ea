// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/nearest_name.h"
#include "datasets/dataset.h"
#include "datasets/layout.h"
#include "datasets/manifest.h"

namespace normadd::datasets {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCheckHint = "Run 'normadd data check' on the dataset to see everything that is wrong with it.";

Sample make_sample(const fs::path& root, const fs::path& image, const std::string& type) {
  Sample sample;
  sample.id = image.lexically_relative(root).generic_string();
  sample.defect_type = type;
  sample.image = image;
  return sample;
}

Category read_category(const fs::path& root, const std::string& name) {
  Category category;
  category.name = name;
  const fs::path folder = root / name;
  for (const auto& image : images_in(folder / "train" / "good"))
    category.train.push_back(make_sample(root, image, "good"));
  if (category.train.empty())
    throw core::DataError("the category has no training images", (folder / "train" / "good").string(), kCheckHint);

  for (const auto& image : images_in(folder / "test" / "good"))
    category.test.push_back(make_sample(root, image, "good"));
  for (const auto& type : sub_folders(folder / "test")) {
    const auto images = type == "good" ? std::vector<fs::path>{} : images_in(folder / "test" / type);
    if (images.empty()) continue;
    category.defect_types.push_back(type);
    for (const auto& image : images) {
      Sample sample = make_sample(root, image, type);
      const fs::path mask = mask_path_for(folder, type, image);
      if (fs::is_regular_file(mask)) {
        sample.mask = mask;
      } else {
        category.missing_masks.push_back(sample.id);
      }
      category.test.push_back(std::move(sample));
    }
  }
  if (category.test.empty())
    throw core::DataError("the category has no test images", (folder / "test").string(), kCheckHint);
  return category;
}

std::vector<std::string> all_paths(const fs::path& root, const std::vector<Category>& categories) {
  std::vector<std::string> paths;
  for (const auto& category : categories) {
    for (const auto* samples : {&category.train, &category.test}) {
      for (const auto& sample : *samples) {
        paths.push_back(sample.id);
        if (sample.mask) paths.push_back(sample.mask->lexically_relative(root).generic_string());
      }
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

Dataset read_mvtec_ad(const fs::path& root, const std::vector<std::string>& categories) {
  const auto found = category_names(root);
  for (auto named = categories.begin(); named != categories.end(); ++named) {
    const std::string& name = *named;
    if (std::find(categories.begin(), named, name) != named) {
      throw core::ConfigError(fmt::format("the category '{}' is named twice", name), "dataset.categories",
                              "Name each once.");
    }
    if (std::find(found.begin(), found.end(), name) == found.end()) {
      throw core::DataError(fmt::format("the dataset has no category '{}'", name), root.string(),
                            core::did_you_mean(name, found));
    }
  }
  Dataset dataset;
  dataset.name = "mvtec_ad";
  dataset.root = root;
  for (const auto& name : categories.empty() ? found : categories)
    dataset.categories.push_back(read_category(root, name));
  dataset.content_hash = content_hash(make_manifest(root, all_paths(root, dataset.categories)));
  return dataset;
}

}  // namespace normadd::datasets
