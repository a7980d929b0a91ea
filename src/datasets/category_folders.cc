// SPDX-License-Identifier: Apache-2.0
#include "datasets/category_folders.h"

#include "core/error.h"
#include "datasets/assembly.h"
#include "datasets/layout.h"
#include "datasets/layout_guess.h"

namespace normadd::datasets {
namespace {

namespace fs = std::filesystem;

/// A folder that is missing because the dataset has another layout is told apart from a damaged dataset.
std::string hint_for(const fs::path& root, const CategoryFolders& folders) {
  const auto guess = guess_layout(root);
  if (guess && guess->layout != folders.layout) return layout_hint(root, folders.layout);
  return "Run 'normadd data check' on the dataset to see everything that is wrong with it.";
}

Category read_category(const fs::path& root, const std::string& name, const CategoryFolders& folders) {
  Category category;
  category.name = name;
  const fs::path folder = root / name;
  const fs::path train = folder / "train" / folders.normal, test = folder / "test";
  for (const auto& image : images_in(train)) category.train.push_back(make_sample(root, image, "good"));
  if (category.train.empty()) {
    throw core::DataError("the category has no training images", train.string(), hint_for(root, folders));
  }
  for (const auto& type : sub_folders(test)) {
    for (const auto& image : images_in(test / type)) {
      Sample sample = make_sample(root, image, type == folders.normal ? "good" : type);
      if (sample.anomalous()) sample.mask = find_mask(folder, type, image, folders);
      category.test.push_back(std::move(sample));
    }
  }
  if (category.test.empty()) {
    throw core::DataError("the category has no test images", test.string(), hint_for(root, folders));
  }
  put_in_order(category);
  return category;
}

Dataset read(const fs::path& root, const std::vector<std::string>& categories, const CategoryFolders& folders) {
  Dataset dataset;
  dataset.name = folders.layout;
  dataset.root = root;
  for (const auto& name : select_categories(category_names(root, folders), categories, root.string())) {
    dataset.categories.push_back(read_category(root, name, folders));
  }
  dataset.content_hash = hash_of_files(root, dataset.categories);
  return dataset;
}

}  // namespace

Dataset read_mvtec_ad(const fs::path& root, const std::vector<std::string>& categories) {
  return read(root, categories, mvtec_ad_folders());
}

Dataset read_mpdd(const fs::path& root, const std::vector<std::string>& categories) {
  return read(root, categories, mpdd_folders());
}

Dataset read_btad(const fs::path& root, const std::vector<std::string>& categories) {
  return read(root, categories, btad_folders());
}

}  // namespace normadd::datasets
