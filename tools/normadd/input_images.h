// SPDX-License-Identifier: Apache-2.0
// The pictures that a command line names: files, folders, a list on standard input.
#pragma once

#include <filesystem>
#include <istream>
#include <string>
#include <vector>

namespace normadd::tools {

struct InputImage {
  std::filesystem::path file;  // as given
  /// CATEGORY/SPLIT/TYPE/NAME when it lies so in a dataset (SPLIT = train or test); else the path below the folder that
  /// was named, or the path of the file itself without leading '..' and '/'. Mirrors the input where outputs are put.
  std::string id;
};

/// In the order given, folders recursively and sorted by path; "-" stands for one path per line of standard_input.
/// Files are taken whatever their names, of folders only pictures by extension, and nothing below 'ground_truth', where
/// datasets keep their masks. Files that do not exist are kept: whoever reads them will say so. Throws DataError for
/// folders without pictures; ConfigError when nothing is named.
std::vector<InputImage> input_images(const std::vector<std::string>& arguments, std::istream& standard_input);

/// folder/ID with another extension. Throws ConfigError when two pictures would share one, or when one is itself an
/// input.
std::vector<std::filesystem::path> output_files(const std::vector<InputImage>& images,
                                                const std::filesystem::path& folder, const std::string& extension);

}  // namespace normadd::tools
