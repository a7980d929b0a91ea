// SPDX-License-Identifier: Apache-2.0
// Puts samples, wherever they were found, into the order and with the hash that every reader promises.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace normadd::datasets {

/// A sample without mask; its id is the image's path relative to root.
Sample make_sample(const std::filesystem::path& root, const std::filesystem::path& image, const std::string& type);

/// Sorts train and test as Category promises and fills defect_types and missing_masks.
void put_in_order(Category& category);

/// wanted, or found when wanted is empty. Throws ConfigError for a name given twice, DataError (at where) for a name
/// that is not in found, with the nearest one.
std::vector<std::string> select_categories(const std::vector<std::string>& found,
                                           const std::vector<std::string>& wanted, const std::string& where);

/// Of the names and bytes of all images and masks: enough where the folders tell what each picture is.
std::string hash_of_files(const std::filesystem::path& root, const std::vector<Category>& categories);
/// Of these and of each picture's category, split, type and mask: for readers that learn them from elsewhere.
std::string hash_of_files_and_labels(const std::filesystem::path& root, const std::vector<Category>& categories);

}  // namespace normadd::datasets
