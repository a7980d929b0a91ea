// SPDX-License-Identifier: Apache-2.0
// Examines a dataset and names everything that is wrong with it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace normadd::datasets {

enum class Severity { kError, kWarning };

struct Finding {
  Severity severity = Severity::kError;
  std::string path;     // file or folder
  std::string message;  // one sentence
};

/// MVTec AD layout. Errors: missing masks, masks without image, unreadable files, masks of another size than their
/// image, empty splits. Warnings: unexpected files and folders, images of another size than the category's first, a
/// category with one defect type, counts that differ from the official MVTec AD test split when all 15 official
/// categories are there. categories empty = all. Sorted by path. Throws DataError only when root itself is missing or
/// has no category.
std::vector<Finding> check_mvtec_ad(const std::filesystem::path& root, const std::vector<std::string>& categories);

}  // namespace normadd::datasets
