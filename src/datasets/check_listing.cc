// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "datasets/csv_list.h"
#include "datasets/folder_list.h"
#include "datasets/layout.h"
#include "datasets/official_counts.h"
#include "datasets/picture_check.h"
#include "datasets/visa.h"

namespace normadd::datasets {
namespace {

namespace fs = std::filesystem;

Report noted_in(PictureCheck& check) {
  return [&check](const core::DataError& problem) { check.error(problem.where(), problem.message()); };
}

void examine(const Listing& listing, const std::string& category, bool expects_masks, PictureCheck& check) {
  const fs::path origin = listing.categories.size() == 1 ? listing.origin : listing.origin + " (" + category + ")";
  PictureCheck::Counts counts;
  std::set<std::string> types;
  std::size_t num_masks = 0;
  std::vector<const ListedImage*> without_mask;
  for (const auto& listed : listing.images) {
    if (listed.category != category) continue;
    const Sample& sample = listed.sample;
    check.add_image(sample.image);
    counts.train += listed.is_train ? 1 : 0;
    counts.test_good += !listed.is_train && !sample.anomalous() ? 1 : 0;
    if (!sample.anomalous()) continue;
    types.insert(sample.defect_type);
    if (sample.mask) {
      check.add_mask(*sample.mask, sample.image);
      ++num_masks;
    } else if (expects_masks && !listed.mask_was_reported) {
      without_mask.push_back(&listed);
    }
  }
  // Some people have no masks at all, which is no mistake.
  if (num_masks == 0 && !without_mask.empty()) {
    check.warning(origin, "no image with defects has a mask, so pixel metrics are not possible");
  } else {
    for (const auto* listed : without_mask) {
      check.error(listed->where, fmt::format("the mask of {} is missing", listed->sample.id));
    }
  }
  counts.types = types.size();
  check.judge(counts, origin, origin, origin);
  check.measure();
}

void examine_all(const Listing& listing, bool expects_masks, PictureCheck& check) {
  for (const auto& [where, message] : listing.warnings) check.warning(where, message);
  for (const auto& category : listing.categories) examine(listing, category, expects_masks, check);
}

std::string below(const fs::path& root, const fs::path& file) { return file.lexically_relative(root).generic_string(); }

class VisaFiles {
 public:
  VisaFiles(const Listing& listing, PictureCheck& check) : listing_(listing), check_(check) {}

  void find_extra(const std::string& category) {
    const fs::path folder = listing_.root / category;
    expect_only(folder, {"Data"});
    expect_only(folder / "Data", {"Images", "Masks"});
    expect_only(folder / "Data/Images", {"Normal", "Anomaly"});
    expect_only(folder / "Data/Masks", {"Anomaly"});
    for (const char* name : {"Data/Images/Normal", "Data/Images/Anomaly"}) {
      expect_only(folder / name, {});
      for (const auto& file : files_in(folder / name)) {
        if (!has_image_name(file)) {
          check_.warning(file, "unexpected file, not used");
        } else if (!listing_.named.contains(below(listing_.root, file))) {
          check_.warning(file, "the image is not in the split file, so it is not used");
        }
      }
    }
    expect_only(folder / "Data/Masks/Anomaly", {});
    for (const auto& mask : files_in(folder / "Data/Masks/Anomaly")) {
      if (!listing_.named.contains(below(listing_.root, mask))) check_.error(mask, "the mask has no image");
    }
  }

  void compare_with_official_counts() {
    const auto& official = official_visa_counts();
    for (const auto& [category, unused] : official) {
      const auto& found = listing_.categories;
      if (std::find(found.begin(), found.end(), category) == found.end()) return;
    }
    for (const auto& [category, counts] : official) {
      compare(listing_.root / category / "Data/Images/Normal", counts.normal);
      compare(listing_.root / category / "Data/Images/Anomaly", counts.anomalous);
    }
  }

 private:
  void expect_only(const fs::path& folder, const std::set<std::string>& names) {
    for (const auto& name : sub_folders(folder)) {
      if (!names.contains(name)) check_.warning(folder / name, "unexpected folder, not used");
    }
  }

  void compare(const fs::path& folder, int official) {
    if (const auto found = images_in(folder).size(); found != static_cast<std::size_t>(official)) {
      check_.warning(folder, fmt::format("{} images, the official release has {}", found, official));
    }
  }

  const Listing& listing_;
  PictureCheck& check_;
};

}  // namespace

std::vector<Finding> check_visa(const fs::path& root, const std::vector<std::string>& categories,
                                const VisaOptions& options) {
  PictureCheck check;
  const Listing listing = list_visa(root, categories, options, noted_in(check));
  examine_all(listing, true, check);
  VisaFiles files(listing, check);
  for (const auto& category : listing.categories) files.find_extra(category);
  if (categories.empty()) files.compare_with_official_counts();
  return std::move(check).sorted_findings();
}

std::vector<Finding> check_csv(const fs::path& root, const std::vector<std::string>& categories,
                               const CsvOptions& options) {
  PictureCheck check;
  const Listing listing = list_csv(root, categories, options, noted_in(check));
  examine_all(listing, true, check);
  for (const auto& file : files_below(root)) {
    if (has_image_name(file) && !listing.named.contains(below(root, file))) {
      check.warning(file, "the manifest does not name the picture, so it is not used");
    }
  }
  return std::move(check).sorted_findings();
}

std::vector<Finding> check_folder(const fs::path& root, const FolderOptions& options) {
  PictureCheck check;
  const Listing listing = list_folder(root, options, noted_in(check));
  examine_all(listing, options.mask_dir.has_value(), check);
  std::set<fs::path> used;
  for (const auto& listed : listing.images) {
    used.insert(listed.sample.image.lexically_normal());
    if (listed.sample.mask) used.insert(listed.sample.mask->lexically_normal());
  }
  std::set<std::string> folders{options.normal_dir};
  folders.insert(options.abnormal_dir.begin(), options.abnormal_dir.end());
  if (options.normal_test_dir) folders.insert(*options.normal_test_dir);
  std::set<fs::path> unused;
  for (const auto& name : folders) {
    for (const auto& file : files_below(root / name)) {
      if (!used.contains(file.lexically_normal())) unused.insert(file.lexically_normal());
    }
  }
  if (options.mask_dir) {
    for (const auto& file : files_below(root / *options.mask_dir)) {
      if (used.contains(file.lexically_normal())) continue;
      check.error(file, "the mask has no image");
      unused.erase(file.lexically_normal());
    }
  }
  for (const auto& file : unused) check.warning(file, "unexpected file, not used");
  return std::move(check).sorted_findings();
}

}  // namespace normadd::datasets
