// SPDX-License-Identifier: Apache-2.0
// What completion must know of the program: verbs, flags, and keys with a fixed set of values. The build writes it to
// a file beside the programs, since asking the main program means loading LibTorch first.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace normadd::completion {

struct Flag {
  std::vector<std::string> spellings;  // "-q", "--quiet"
  bool takes_value = false;
  std::vector<std::string> values;  // that it knows; empty for paths and free text
};

struct Verb {
  std::vector<Flag> flags;
  std::vector<std::string> verbs;  // "demo", "check" below "data"
  bool takes_overrides = false;
  bool takes_folders = false;  // of runs and sweeps
  std::string experiments;     // first word: an option of this part of the group "experiment", e.g. "paper"
};

/// The values of one key that can be listed: texts, true and false, null.
struct KeyValues {
  std::string key;       // "metrics.aupro"
  std::string selector;  // "detector.name=padim" where the key belongs to that choice only, otherwise empty
  std::vector<std::string> values;
};

struct Catalog {
  std::map<std::string, Verb> verbs;  // by "run", "data demo"; "" is the program itself
  std::vector<KeyValues> keys;
};

std::string to_json(const Catalog& catalog);
/// Throws std::exception when the text is not one.
Catalog catalog_from_json(const std::string& text);

/// Where the build puts it: beside the running program.
std::filesystem::path catalog_file();

}  // namespace normadd::completion
