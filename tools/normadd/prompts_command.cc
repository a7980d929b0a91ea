// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/error.h"
#include "core/nearest_name.h"
#include "networks/clip_config.h"
#include "normadd/commands.h"
#include "normadd/home.h"
#include "normadd/prompts_verbs.h"

namespace normadd::tools {

std::filesystem::path shipped_prompts() { return home() / "data" / "prompts"; }

std::filesystem::path prompt_set_file(const std::filesystem::path& folder, const std::string& name) {
  const auto own = folder / (name + ".yaml"), shipped = shipped_prompts() / (name + ".yaml");
  return !std::filesystem::is_regular_file(own) && std::filesystem::is_regular_file(shipped) ? shipped : own;
}

std::vector<std::int64_t> TokenCounter::ids(const std::string& text) const {
  auto ids = tokenizer.encode(text);
  ids.insert(ids.begin(), tokenizer.start_id());
  ids.push_back(tokenizer.end_id());
  return ids;
}

TokenCounter token_counter(const std::filesystem::path& clip_folder, int context) {
  TokenCounter counter{networks::Tokenizer::from_folder(clip_folder)};
  const auto description = clip_folder / "open_clip_config.json";
  if (context > 0) {
    counter.context = context;
  } else if (std::filesystem::is_regular_file(description)) {
    counter.context = networks::ClipConfig::read(description).context;
  }
  return counter;
}

int prompts_command(const Arguments& arguments) {
  const std::string verb = arguments.empty() ? "" : arguments[0];
  const Arguments rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
  if (verb == "generate") return prompts_generate(rest);
  if (verb == "list") return prompts_list(rest);
  if (verb == "show") return prompts_show(rest);
  if (verb == "-h" || verb == "--help") {
    fmt::print("Usage: normadd prompts generate|list|show [flags]; normadd prompts VERB --help tells more.\n");
    return 0;
  }
  throw core::ConfigError("unknown verb 'prompts " + verb + "'", "",
                          core::did_you_mean(verb, {"generate", "list", "show"}));
}

}  // namespace normadd::tools
