// SPDX-License-Identifier: Apache-2.0
#include "normadd/completion_sources.h"

#include <algorithm>
#include <map>
#include <set>

#include "normadd/command_line.h"
#include "normadd/verbs.h"
#include "sweeps/configuration_sections.h"

namespace normadd::tools {
namespace {

const std::map<std::string, std::vector<std::string>> kVerbsBelow{{"cache", {"gc", "ls", "verify"}},
                                                                  {"completion", {"bash", "fish", "zsh"}},
                                                                  {"config", {"schema"}},
                                                                  {"data", {"check", "demo", "splits"}},
                                                                  {"prompts", {"generate", "list", "show"}},
                                                                  {"train", {"april-gan", "clip", "resnet"}},
                                                                  {"weights", {"fetch", "inspect", "list"}}};

const std::set<std::string> kFolderVerbs{"collect", "plot", "report", "resume", "retry", "status", "table", "task"};

/// What collects arguments without a flag.
const std::set<std::string> kPositional{"overrides", "more", "what", "runs", "folder", "folders", "run"};

const std::map<std::string, std::vector<std::string>> kFlagValues{
    {"cfg", {"all", "hydra", "job"}},
    {"info", {"all", "config", "defaults", "defaults-tree", "plugins", "searchpath"}},
    {"shell-completion",
     {"install=bash", "install=fish", "install=zsh", "uninstall=bash", "uninstall=fish", "uninstall=zsh"}}};

// parse_flags reads these besides the declared names.
const std::map<std::string, std::string> kTwoLetters{
    {"config-name", "-cn"}, {"config-path", "-cp"}, {"config-dir", "-cd"}, {"shell-completion", "-sc"}};

completion::Verb described(const Verb& verb, const Arguments& arguments) {
  completion::Verb described;
  for (const auto& note : note_flags(verb.run, arguments)) {
    const bool takes_overrides = std::find(note.names.begin(), note.names.end(), "overrides") != note.names.end();
    described.takes_overrides = described.takes_overrides || takes_overrides;
    completion::Flag flag;
    flag.takes_value = note.takes_value;
    if (!note.letter.empty()) flag.spellings.push_back("-" + note.letter);
    for (const auto& name : note.names) {
      if (name.size() <= 2) continue;
      if (kPositional.count(name) > 0) {
        flag.spellings.clear();
        break;
      }
      flag.spellings.push_back("--" + name);
      if (const auto values = kFlagValues.find(name); values != kFlagValues.end()) flag.values = values->second;
      if (const auto letters = kTwoLetters.find(name); letters != kTwoLetters.end()) {
        flag.spellings.push_back(letters->second);
      }
    }
    if (!flag.spellings.empty()) described.flags.push_back(std::move(flag));
  }
  described.takes_folders = kFolderVerbs.count(verb.name) > 0;
  return described;
}

completion::Verb with_help_only() {
  completion::Verb verb;
  verb.flags.push_back({{"-h", "--help"}, false, {}});
  return verb;
}

std::vector<std::string> values_of(const config::Field& field) {
  std::vector<std::string> values = field.choices;
  if (field.kind == config::Kind::kBool) values = {"false", "true"};
  if (field.nullable && !values.empty()) values.emplace_back("null");
  return values;
}

}  // namespace

completion::Catalog completion_catalog() {
  completion::Catalog catalog;
  completion::Verb program = with_help_only();
  program.flags.push_back({{"--version"}, false, {}});
  for (const auto& verb : verbs()) {
    program.verbs.emplace_back(verb.name);
    const auto below = kVerbsBelow.find(verb.name);
    if (below == kVerbsBelow.end()) {
      catalog.verbs[verb.name] = described(verb, {"--help"});
      continue;
    }
    completion::Verb parent = with_help_only();
    parent.verbs = below->second;
    catalog.verbs[verb.name] = parent;
    for (const auto& name : below->second) {
      catalog.verbs[std::string(verb.name) + " " + name] = described(verb, {name, "--help"});
    }
  }
  catalog.verbs[""] = std::move(program);

  for (const auto& section : sweeps::configuration_sections()) {
    const std::string node = section.node.empty() ? "" : section.node + ".";
    const std::string selector =
        section.selector_key.empty() ? "" : node + section.selector_key + "=" + section.selector;
    for (const auto& field : section.fields) {
      if (auto values = values_of(field); !values.empty()) {
        catalog.keys.push_back({node + field.name, selector, std::move(values)});
      }
    }
  }
  return catalog;
}

}  // namespace normadd::tools
