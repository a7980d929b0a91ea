// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "datasets/assembly.h"
#include "datasets/layout.h"
#include "datasets/official_counts.h"
#include "datasets/picture_check.h"

namespace normadd::datasets {
namespace {

namespace fs = std::filesystem;

class FoldersCheck {
 public:
  FoldersCheck(fs::path root, const CategoryFolders& folders) : root_(std::move(root)), folders_(folders) {}

  void examine(const std::string& category) {
    const fs::path folder = root_ / category;
    const fs::path train = folder / "train" / folders_.normal, test = folder / "test";
    expect_folders(folder, {"train", "test", "ground_truth"});
    expect_folders(folder / "train", {folders_.normal});
    collect_images(train);
    PictureCheck::Counts counts{images_in(train).size(), images_in(test / folders_.normal).size(), 0};
    for (const auto& type : sub_folders(test)) {
      collect_images(test / type);
      const bool empty = images_in(test / type).empty();
      if (empty) check_.error(test / type, "the folder has no images");
      if (type == folders_.normal) continue;
      counts.types += empty ? 0 : 1;
      pair_with_masks(folder, type);
    }
    for (const auto& type : sub_folders(folder / "ground_truth")) find_lonely_masks(folder, type);
    check_.judge(counts, train, test / folders_.normal, test);
    check_.measure();
  }

  void warn(const fs::path& path, std::string message) { check_.warning(path, std::move(message)); }
  std::vector<Finding> sorted_findings() && { return std::move(check_).sorted_findings(); }

 private:
  void expect_folders(const fs::path& folder, const std::set<std::string>& names) {
    for (const auto& name : names) {
      if (!fs::is_directory(folder / name)) check_.error(folder / name, "the folder is missing");
    }
    for (const auto& name : sub_folders(folder)) {
      if (!names.contains(name)) check_.warning(folder / name, "unexpected folder, not used");
    }
  }

  void collect_images(const fs::path& folder) {
    for (const auto& name : sub_folders(folder)) check_.warning(folder / name, "unexpected folder, not used");
    for (const auto& file : files_in(folder)) {
      if (has_image_name(file)) {
        check_.add_image(file);
      } else {
        check_.warning(file, "unexpected file, not used");
      }
    }
  }

  void pair_with_masks(const fs::path& category, const std::string& type) {
    for (const auto& image : images_in(category / "test" / type)) {
      if (const auto mask = find_mask(category, type, image, folders_)) {
        check_.add_mask(*mask, image);
      } else {
        check_.error(expected_mask(category, type, image, folders_),
                     fmt::format("the mask of {} is missing", image.lexically_relative(root_).generic_string()));
      }
    }
  }

  void find_lonely_masks(const fs::path& category, const std::string& type) {
    std::set<fs::path> used;
    for (const auto& image : images_in(category / "test" / type)) {
      if (const auto mask = find_mask(category, type, image, folders_)) used.insert(*mask);
    }
    for (const auto& mask : files_in(category / "ground_truth" / type)) {
      if (!used.contains(mask)) check_.error(mask, "the mask has no image");
    }
  }

  fs::path root_;
  const CategoryFolders& folders_;
  PictureCheck check_;
};

bool has_all(const std::vector<std::string>& names, const std::vector<std::string>& official) {
  return std::all_of(official.begin(), official.end(), [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  });
}

void compare_with_mvtec_ad(const fs::path& root, const std::vector<std::string>& categories, FoldersCheck& check) {
  const auto& official = official_test_counts();
  std::vector<std::string> names;
  for (const auto& [category, unused] : official) names.push_back(category);
  if (!has_all(categories, names)) return;
  for (const auto& [category, types] : official) {
    for (const auto& [type, count] : types) {
      const fs::path folder = root / category / "test" / type;
      if (const auto found = images_in(folder).size(); found != static_cast<std::size_t>(count)) {
        check.warn(folder, fmt::format("{} images, the official release has {}", found, count));
      }
    }
  }
}

void compare_total(const fs::path& root, const CategoryFolders& folders, const std::vector<std::string>& categories,
                   std::size_t official, FoldersCheck& check) {
  if (!has_all(categories, folders.categories)) return;
  std::size_t found = 0;
  for (const auto& category : folders.categories) {
    found += images_in(root / category / "train" / folders.normal).size();
    for (const auto& type : sub_folders(root / category / "test"))
      found += images_in(root / category / "test" / type).size();
  }
  if (found != official) {
    check.warn(root, fmt::format("{} images in all, the official release has {}", found, official));
  }
}

std::vector<Finding> examine(const fs::path& root, const std::vector<std::string>& wanted,
                             const CategoryFolders& folders,
                             const std::function<void(const std::vector<std::string>&, FoldersCheck&)>& compare) {
  const auto found = category_names(root, folders);
  FoldersCheck check(root, folders);
  for (const auto& category : select_categories(found, wanted, root.string())) check.examine(category);
  if (wanted.empty()) compare(found, check);
  return std::move(check).sorted_findings();
}

}  // namespace

std::vector<Finding> check_mvtec_ad(const fs::path& root, const std::vector<std::string>& categories) {
  return examine(root, categories, mvtec_ad_folders(),
                 [&](const auto& found, auto& check) { compare_with_mvtec_ad(root, found, check); });
}

std::vector<Finding> check_mpdd(const fs::path& root, const std::vector<std::string>& categories) {
  return examine(root, categories, mpdd_folders(), [&](const auto& found, auto& check) {
    compare_total(root, mpdd_folders(), found, kOfficialMpddImages, check);
  });
}

std::vector<Finding> check_btad(const fs::path& root, const std::vector<std::string>& categories) {
  return examine(root, categories, btad_folders(), [&](const auto& found, auto& check) {
    compare_total(root, btad_folders(), found, kOfficialBtadImages, check);
  });
}

}  // namespace normadd::datasets
