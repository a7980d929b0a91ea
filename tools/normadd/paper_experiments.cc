// SPDX-License-Identifier: Apache-2.0
#include "normadd/paper_experiments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <string_view>

#include "core/error.h"
#include "core/nearest_name.h"
#include "datasets/official_counts.h"
#include "normadd/hub_environment.h"
#include "weights/catalogue.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "paper/";

/// The comment from "# Question: " up to the first line that is none.
std::string question_of(const fs::path& yaml) {
  constexpr std::string_view kStart = "# Question: ";
  std::ifstream file(yaml);
  std::string question, line;
  while (std::getline(file, line)) {
    if (question.empty()) {
      if (line.starts_with(kStart)) question = line.substr(kStart.size());
    } else if (line.starts_with("# ") && !question.ends_with('?')) {
      question += line.substr(1);
    } else {
      break;
    }
  }
  if (!question.empty()) question[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(question[0])));
  return question;
}

reporting::OfficialDataset mvtec_ad() {
  reporting::OfficialDataset dataset;
  for (const auto& [category, types] : datasets::official_test_counts()) {
    reporting::OfficialCategory& counts = dataset.categories[category];
    counts.train = static_cast<std::size_t>(datasets::official_train_counts().at(category));
    counts.picture_px = datasets::official_picture_px().at(category);
    for (const auto& [type, count] : types) {
      (type == "good" ? counts.test_normal : counts.test_anomalous) += static_cast<std::size_t>(count);
    }
    // A single defect type leaves nothing that is retained.
    if (const std::size_t num_types = types.size() - 1; num_types > 1) dataset.num_pairs += num_types;
  }
  return dataset;
}

}  // namespace

std::vector<PaperExperiment> paper_experiments(const fs::path& home) {
  std::vector<PaperExperiment> experiments;
  for (const auto& entry : fs::directory_iterator(home / "experiments" / "paper")) {
    if (entry.path().extension() != ".yaml") continue;
    experiments.push_back({kFolder + entry.path().stem().string(), question_of(entry.path())});
  }
  std::sort(experiments.begin(), experiments.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return experiments;
}

std::string experiment_named(const std::string& name, const std::vector<PaperExperiment>& experiments) {
  const std::string full = name.starts_with(kFolder) ? name : kFolder + name;
  std::vector<std::string> names;
  for (const auto& experiment : experiments) {
    if (experiment.name == full) return full;
    names.push_back(experiment.name);
  }
  throw core::ConfigError(fmt::format("there is no experiment '{}'", name), "normadd reproduce",
                          core::did_you_mean(full, names));
}

std::vector<reporting::PublishedSource> published_sources(const fs::path& home) {
  return reporting::read_published(home / "results" / "published");
}

reporting::OfficialFacts official_facts() {
  reporting::OfficialFacts facts;
  facts.datasets["mvtec_ad"] = mvtec_ad();
  const auto catalogue = weights::Catalogue::read(weight_places());
  for (const auto& card : catalogue.cards()) {
    facts.sha256_of_card[card.name] = card.weights().sha256.value_or("");
  }
  return facts;
}

}  // namespace normadd::tools
