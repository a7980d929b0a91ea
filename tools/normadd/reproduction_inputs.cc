// SPDX-License-Identifier: Apache-2.0
#include "normadd/reproduction_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "config/sweep_expansion.h"
#include "datasets/layout.h"
#include "experiment/job.h"
#include "normadd/hub_environment.h"
#include "normadd/multirun.h"
#include "normadd/paper_experiments.h"
#include "weights/catalogue.h"
#include "weights/hub_cache.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMvtecAd = "https://www.mvtec.com/company/research/datasets/mvtec-ad (archive: about 4.9 GB)";
constexpr const char* kLinearLayers =
    "exps/pretrained/visa_pretrained.pth of https://github.com/ByChelsea/VAND-APRIL-GAN (about 13 MB), converted as "
    "docs/weights.md says";

std::string size_text(std::uintmax_t bytes) {
  if (bytes >= 1'000'000'000) return fmt::format("{:.2f} GB", static_cast<double>(bytes) / 1e9);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

std::uintmax_t bytes_of(const fs::path& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) return fs::file_size(path, error);
  std::uintmax_t bytes = 0;
  for (const auto& file : datasets::files_below(path)) bytes += fs::file_size(file, error);
  return bytes;
}

/// Value of the configuration -> the key that asks for it first.
using WeightNeeds = std::map<std::string, std::string>;

void add_text(WeightNeeds& needs, const config::Value& node, const std::string& key, const std::string& full_key) {
  const config::Value* value = node.find(key);
  if (value != nullptr && value->is_string() && !value->is_missing()) needs.emplace(value->as_string(), full_key);
}

WeightNeeds weights_of(const experiment::Job& job) {
  WeightNeeds needs;
  for (const auto& detector : job.detectors) {
    const config::Value* name = detector.node.find("name");
    const std::string kind = name != nullptr && name->is_string() ? name->as_string() : "";
    if (kind == "patchcore" || kind == "padim") needs.emplace(job.backbone.weights, "backbone.weights");
    add_text(needs, detector.node, "clip", detector.key + ".clip");
    add_text(needs, detector.node, "dense_layers", detector.key + ".dense_layers");
  }
  needs.emplace(job.clip.path, "clip.path");
  add_text(needs, job.normality, "dense_layers", "normality.dense_layers");
  return needs;
}

class InputReport {
 public:
  void dataset(const config::Value& node) {
    const auto text = [&](const char* key) {
      const config::Value* value = node.find(key);
      return value != nullptr && value->is_string() ? value->as_string() : std::string();
    };
    const std::string root = text("root"), reader = text("reader");
    if (!seen_.insert("dataset " + root + config::short_text(node)).second) return;
    std::error_code error;
    if (reader == "demo") {
      fmt::print("dataset   {}: made by the program on first use\n", root);
    } else if (!fs::is_directory(root, error)) {
      is_complete_ = false;
      fmt::print("dataset   {}: MISSING\n          {}{}\n          Unpack it there, or say dataset.root=DIR.\n", root,
                 text("name"), text("name") == "mvtec_ad" ? fmt::format(": {}", kMvtecAd) : "");
    } else if (text("name") == "mvtec_ad" && reader == "mvtec_ad") {
      fmt::print("dataset   {}: there; images found (officially)\n", root);
      mvtec_ad_categories(root, node);
    } else {
      fmt::print("dataset   {}: there; 'normadd data check' examines it\n", root);
    }
  }

  void weights(const WeightNeeds& needs, const weights::Catalogue& catalogue, const weights::Places& places) {
    for (const auto& [value, key] : needs) {
      if (!seen_.insert("weights " + value).second) continue;
      std::error_code error;
      if (const weights::Card* card = catalogue.find(value)) {
        report_card(*card, key, places);
      } else if (fs::exists(value, error)) {
        fmt::print("weights   {}: there, {}\n          {}\n", value, size_text(bytes_of(value)), key);
      } else {
        is_complete_ = false;
        const bool is_layers = key.ends_with("dense_layers");
        fmt::print("weights   {}: MISSING\n          {}; {}\n", value, key,
                   is_layers ? kLinearLayers : "a file or folder of your own, or a name of 'normadd weights list'");
      }
    }
  }

  bool is_complete() const { return is_complete_; }

 private:
  void report_card(const weights::Card& card, const std::string& key, const weights::Places& places) {
    const auto& bytes = card.weights().bytes;
    const std::string size =
        bytes && *bytes > 0 ? size_text(static_cast<std::uintmax_t>(*bytes)) : std::string("size not recorded");
    if (const auto found = weights::find_cached(weights::HubCache(places.hub_cache), card)) {
      fmt::print("weights   {}: there, {}\n          {}; {}\n", card.name, size, key, found->file.string());
      return;
    }
    is_complete_ = false;
    fmt::print("weights   {}: MISSING, {}\n          {}; normadd weights fetch {}{}\n", card.name, size, key, card.name,
               card.is_pinned() ? "" : " --trust-first-download");
  }

  void mvtec_ad_categories(const fs::path& root, const config::Value& node) {
    const auto official = official_facts().datasets.at("mvtec_ad").categories;
    std::vector<std::string> wanted;
    if (const config::Value* chosen = node.find("categories"); chosen != nullptr && chosen->is_list()) {
      for (const auto& name : chosen->as_list()) wanted.push_back(name.is_string() ? name.as_string() : "");
    }
    if (wanted.empty()) {
      for (const auto& [name, counts] : official) wanted.push_back(name);
    }
    for (const auto& name : wanted) category(root / name, name, official);
  }

  void category(const fs::path& folder, const std::string& name,
                const std::map<std::string, reporting::OfficialCategory>& official) {
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
      is_complete_ = false;
      fmt::print("          {:<12} MISSING\n", name);
      return;
    }
    const std::size_t train = datasets::images_in(folder / "train" / "good").size();
    std::size_t good = 0, anomalous = 0, masks = 0;
    for (const auto& type : datasets::sub_folders(folder / "test")) {
      const auto images = datasets::images_in(folder / "test" / type);
      (type == "good" ? good : anomalous) += images.size();
      if (type == "good") continue;
      masks += static_cast<std::size_t>(std::count_if(images.begin(), images.end(), [&](const fs::path& image) {
        return datasets::find_mask(folder, type, image, datasets::mvtec_ad_folders()).has_value();
      }));
    }
    const auto counts = official.find(name);
    if (counts == official.end()) {
      is_complete_ = false;
      fmt::print("          {:<12} no official category\n", name);
      return;
    }
    const auto& expected = counts->second;
    const bool is_whole = train == expected.train && good == expected.test_normal &&
                          anomalous == expected.test_anomalous && masks == anomalous;
    is_complete_ = is_complete_ && is_whole;
    fmt::print("          {:<12} train {} ({}), good {} ({}), anomalous {} ({}), masks {}{}\n", name, train,
               expected.train, good, expected.test_normal, anomalous, expected.test_anomalous, masks,
               is_whole ? "" : "  INCOMPLETE");
  }

  bool is_complete_ = true;
  std::set<std::string> seen_;
};

}  // namespace

int print_inputs(const config::ComposeRequest& request, const std::string& experiment) {
  std::vector<config::SweptOverrides> jobs{{request.overrides, {}}};
  if (config::asks_for_multirun(request)) jobs = sweep_jobs(request);
  const weights::Places places = weight_places();
  const auto catalogue = weights::Catalogue::read(places);
  config::Composer composer(request.search_paths);
  fmt::print("{} needs:\n\n", experiment);
  InputReport report;
  for (const auto& overrides : jobs) {
    const auto job = experiment::make_job(composer.compose(request.config_name, overrides.all));
    report.dataset(job.dataset);
    report.weights(weights_of(job), catalogue, places);
  }
  fmt::print("\n{}\n", report.is_complete() ? "Everything is there." : "Something is missing.");
  return report.is_complete() ? 0 : 1;
}

}  // namespace normadd::tools
