// SPDX-License-Identifier: Apache-2.0
#include "detectors/external_maps.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/nearest_name.h"
#include "core/rooted_path.h"
#include "networks/safetensors.h"

namespace normadd::detectors {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kPlaceholders{"category", "split", "type", "stem", "id"};
constexpr std::array kExtensions{".tiff", ".tif", ".npy", ".png"};
constexpr const char* kTensors = ".safetensors";

std::string without_extension(const std::string& id) { return fs::path(id).replace_extension().generic_string(); }

/// Calls visit(literal text before it, placeholder's name) for each placeholder, and returns the text after the last.
template <typename Visit>
std::string for_each_placeholder(const std::string& pattern, Visit visit) {
  std::size_t at = 0;
  for (;;) {
    const auto open = pattern.find('{', at);
    if (open == std::string::npos) return pattern.substr(at);
    const auto close = pattern.find('}', open);
    const bool closed = close != std::string::npos;
    visit(pattern.substr(at, open - at), closed ? pattern.substr(open + 1, close - open - 1) : pattern.substr(open));
    if (!closed) return "";
    at = close + 1;
  }
}

imaging::Map map_of_tensor(const at::Tensor& stored, const std::string& name, const fs::path& file) {
  at::Tensor tensor = stored;
  if (tensor.dim() == 3 && tensor.size(0) == 1) tensor = tensor[0];
  if (tensor.dim() != 2 || !tensor.is_floating_point() || tensor.numel() == 0 ||
      tensor.numel() > imaging::kLargestMap) {
    throw core::DataError(fmt::format("the tensor '{}' is no map: floats of shape [H, W] or [1, H, W]", name),
                          file.string(), "Save one float tensor per picture.");
  }
  tensor = tensor.to(at::kFloat).contiguous();
  if (!at::isfinite(tensor).all().item<bool>()) {
    throw core::DataError(fmt::format("the map '{}' has values that are not finite", name), file.string(),
                          "Write finite numbers; there is no score in a map that has others.");
  }
  imaging::Map map(static_cast<int>(tensor.size(0)), static_cast<int>(tensor.size(1)));
  std::copy_n(tensor.data_ptr<float>(), map.values.size(), map.values.begin());
  return map;
}

imaging::Map read_tensor(const fs::path& path, const std::string& id) {
  const auto file = networks::SafetensorsFile::open(path);
  for (const auto& name : {id, without_extension(id)}) {
    if (file.contains(name)) return map_of_tensor(file.tensor(name), name, path);
  }
  throw core::DataError(fmt::format("there is no map for '{}'", id), path.string(),
                        core::did_you_mean(id, file.names()));
}

}  // namespace

MapPattern::MapPattern(std::string pattern, const std::string& key) : pattern_(std::move(pattern)) {
  bool names_picture = false;
  for_each_placeholder(pattern_, [&](const std::string&, const std::string& name) {
    if (std::find(kPlaceholders.begin(), kPlaceholders.end(), name) == kPlaceholders.end()) {
      throw core::ConfigError(fmt::format("the pattern '{}' has the unknown part '{{{}}}'", pattern_, name),
                              fmt::format("{}.pattern", key), core::did_you_mean(name, kPlaceholders));
    }
    names_picture |= name == "stem" || name == "id";
  });
  if (!names_picture && fs::path(pattern_).extension() != kTensors) {
    throw core::ConfigError(fmt::format("the pattern '{}' gives every picture of a folder the same map", pattern_),
                            fmt::format("{}.pattern", key), "Put {stem} or {id} into it.");
  }
}

std::string MapPattern::path_of(const std::string& id) const {
  const fs::path path(id);
  const std::vector<fs::path> parts(path.begin(), path.end());
  const auto value_of = [&](const std::string& name) -> std::string {
    if (name == "id") return without_extension(id);
    if (name == "stem") return path.stem().string();
    const std::size_t position = name == "category" ? 0 : name == "split" ? 1 : 2;
    if (position + 1 < parts.size()) return parts[position].string();
    throw core::DataError(
        fmt::format("the picture '{}' has no {} in its name, which the pattern '{}' asks for", id, name, pattern_), "",
        "Use {id} in detector.pattern.");
  };
  std::string text;
  const std::string rest = for_each_placeholder(pattern_, [&](const std::string& literal, const std::string& name) {
    text += literal;
    text += value_of(name);
  });
  return text + rest;
}

ExternalMaps::ExternalMaps(fs::path root, const std::optional<std::string>& pattern, imaging::MapScale scale,
                           const std::string& key)
    : root_(std::move(root)),
      may_be_tensors_(!pattern.has_value()),
      pattern_(pattern.value_or("{id}"), key),
      scale_(scale) {}

ExternalMaps::Found ExternalMaps::read(const std::string& id) const {
  const std::string relative = pattern_.path_of(id);
  const std::string extension = fs::path(pattern_.text()).extension().string();
  if (extension == kTensors) {
    const auto file = core::path_below(root_, relative);
    return {read_tensor(file, id), file};
  }
  std::vector<std::string> candidates;
  if (std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end()) {
    candidates.push_back(relative);
  } else {
    for (const char* known : kExtensions) candidates.push_back(relative + known);
  }
  std::optional<fs::path> only;
  for (const auto& candidate : candidates) {
    auto file = core::path_below(root_, candidate);
    if (!fs::is_regular_file(file)) continue;
    if (only) {
      throw core::DataError(
          fmt::format("the picture has two maps, {} and {}", only->extension().string(), file.extension().string()),
          only->string(), "Keep one of them, or say which by detector.pattern, e.g. {id}.tiff.");
    }
    only = std::move(file);
  }
  if (only) return {imaging::read_map(*only, scale_), *only};
  if (may_be_tensors_) {
    candidates.push_back(fs::path(id).begin()->string() + kTensors);
    const auto file = core::path_below(root_, candidates.back());
    if (fs::is_regular_file(file)) return {read_tensor(file, id), file};
  }
  const bool has_root = fs::is_directory(root_);
  throw core::DataError(
      has_root ? fmt::format("there is no map for '{}': looked for {}", id, fmt::join(candidates, ", "))
               : "there is no such folder of maps",
      root_.string(),
      has_root ? "Write the map of every picture there, or set detector.pattern to how they are named."
               : "Set detector.root to the folder that the other tool wrote its maps to.");
}

}  // namespace normadd::detectors
