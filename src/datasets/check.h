// SPDX-License-Identifier: Apache-2.0
// Examines a dataset and names everything that is wrong with it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace normadd::datasets {

struct CsvOptions;
struct FolderOptions;
struct VisaOptions;

enum class Severity { kError, kWarning };

struct Finding {
  Severity severity = Severity::kError;
  std::string path;     // file or folder, or file:line of a table
  std::string message;  // one sentence
};

// Every check sorts its findings by path, takes no categories as all, and throws DataError only when there is nothing
// to examine: no root, no category, no table.
//
// Errors: missing masks, masks without image, unreadable files, masks of another size than their image, empty splits.
// Warnings: unexpected files and folders, images of another size than the category's first, a category with one defect
// type, no good test images, masks in JPEG, counts that differ from the official release when all official categories
// are there.

/// MVTec AD layout.
std::vector<Finding> check_mvtec_ad(const std::filesystem::path& root, const std::vector<std::string>& categories);
std::vector<Finding> check_mpdd(const std::filesystem::path& root, const std::vector<std::string>& categories);
std::vector<Finding> check_btad(const std::filesystem::path& root, const std::vector<std::string>& categories);

/// Also every row of the tables that cannot be used.
std::vector<Finding> check_visa(const std::filesystem::path& root, const std::vector<std::string>& categories,
                                const VisaOptions& options);
/// Also every row that cannot be used, and pictures below root that the manifest does not name (warnings).
std::vector<Finding> check_csv(const std::filesystem::path& root, const std::vector<std::string>& categories,
                               const CsvOptions& options);
std::vector<Finding> check_folder(const std::filesystem::path& root, const FolderOptions& options);

}  // namespace normadd::datasets
