// SPDX-License-Identifier: Apache-2.0
// Which layout a folder has, and what to tell somebody who points at the wrong one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/value.h"

namespace normadd::datasets {

/// mvtec_ad, mpdd, btad, visa, folder, csv: the names of layouts and of their readers.
const std::vector<std::string>& layout_names();

struct LayoutGuess {
  std::string layout;
  std::filesystem::path root;    // the path itself, or the folder of a manifest that it names
  config::MapEntries options{};  // what the reader has to be told: normal_dir and others, manifest
};

/// From what lies there; nothing when no layout fits. A path may be a folder or a manifest (a CSV file).
std::optional<LayoutGuess> guess_layout(const std::filesystem::path& path);
/// The same. Throws DataError when nothing fits, naming a dataset nearby or the layouts there are.
LayoutGuess require_layout(const std::filesystem::path& path);

/// A hint for a root without the wanted layout: another reader, a folder further down or up, or how the layout looks.
std::string layout_hint(const std::filesystem::path& root, const std::string& wanted);

/// "It lies in FOLDER: set dataset.root=FOLDER" for a folder directly below root or around it that has the path wanted;
/// empty when there is none.
std::string hint_of_neighbour(const std::filesystem::path& root, const std::filesystem::path& wanted);

/// Throws DataError when root is no folder, with layout_hint.
void require_root(const std::filesystem::path& root, const std::string& layout);

}  // namespace normadd::datasets
