// SPDX-License-Identifier: Apache-2.0
// The experiments that reproduce papers, and what the program knows of their data and weights.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reporting/published.h"
#include "reporting/run_conditions.h"

namespace normadd::tools {

struct PaperExperiment {
  std::string name;      // "paper/patchcore"
  std::string question;  // the comment that its file begins with, on one line
};

/// Every *.yaml of home/experiments/paper, by name.
std::vector<PaperExperiment> paper_experiments(const std::filesystem::path& home);

/// "patchcore" and "paper/patchcore" both name the second. Throws ConfigError with the nearest name.
std::string experiment_named(const std::string& name, const std::vector<PaperExperiment>& experiments);

/// results/published of the program.
std::vector<reporting::PublishedSource> published_sources(const std::filesystem::path& home);

/// MVTec AD's official numbers of images, and the sha256 of every weight card.
reporting::OfficialFacts official_facts();

}  // namespace normadd::tools
