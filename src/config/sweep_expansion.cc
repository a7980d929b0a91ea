// SPDX-License-Identifier: Apache-2.0
#include "config/sweep_expansion.h"

#include "config/override_grammar.h"

namespace normadd::config {

std::vector<SweptOverrides> expand_sweep(const ComposeRequest& request) {
  std::vector<SweptOverrides> jobs(1);
  for (const auto& text : request.overrides) {
    const Override override = parse_override(text);
    if (!override.is_sweep()) {
      for (auto& job : jobs) job.all.push_back(text);
      continue;
    }
    const std::string start = text.substr(0, text.find('=') + 1);
    std::vector<std::string> parts(1);
    int depth = 0;
    for (const char letter : text.substr(start.size())) {
      depth += letter == '[' || letter == '{' ? 1 : letter == ']' || letter == '}' ? -1 : 0;
      if (letter == ',' && depth == 0) {
        parts.emplace_back();
      } else {
        parts.back() += letter;
      }
    }
    std::vector<SweptOverrides> more;
    for (const auto& job : jobs) {
      for (const auto& part : parts) {
        more.push_back(job);
        more.back().all.push_back(start + part);
        more.back().chosen.push_back(start + part);
      }
    }
    jobs = std::move(more);
  }
  return jobs;
}

struct Composer::State {
  std::vector<std::filesystem::path> search_paths;
};
Composer::Composer(std::vector<std::filesystem::path> search_paths)
    : state_(std::make_unique<State>(State{std::move(search_paths)})) {}
Composer::~Composer() = default;
ComposedConfig Composer::compose(const std::string& config_name, const std::vector<std::string>& overrides) {
  return config::compose({state_->search_paths, config_name, overrides});
}

}  // namespace normadd::config
