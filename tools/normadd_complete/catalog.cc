// SPDX-License-Identifier: Apache-2.0
#include "normadd_complete/catalog.h"

#include <nlohmann/json.hpp>

namespace normadd::completion {

using Json = nlohmann::ordered_json;

std::string to_json(const Catalog& catalog) {
  Json json{{"verbs", Json::object()}, {"keys", Json::array()}};
  for (const auto& [name, verb] : catalog.verbs) {
    Json flags = Json::array();
    for (const auto& flag : verb.flags) {
      flags.push_back({{"spellings", flag.spellings}, {"takes_value", flag.takes_value}, {"values", flag.values}});
    }
    json["verbs"][name] = {{"flags", flags},
                           {"verbs", verb.verbs},
                           {"takes_overrides", verb.takes_overrides},
                           {"takes_folders", verb.takes_folders},
                           {"experiments", verb.experiments}};
  }
  for (const auto& key : catalog.keys) {
    json["keys"].push_back({{"key", key.key}, {"selector", key.selector}, {"values", key.values}});
  }
  return json.dump() + "\n";
}

Catalog catalog_from_json(const std::string& text) {
  const Json json = Json::parse(text);
  Catalog catalog;
  for (const auto& [name, json_verb] : json.at("verbs").items()) {
    Verb verb;
    for (const auto& flag : json_verb.at("flags")) {
      verb.flags.push_back({flag.at("spellings").get<std::vector<std::string>>(), flag.at("takes_value").get<bool>(),
                            flag.at("values").get<std::vector<std::string>>()});
    }
    verb.verbs = json_verb.at("verbs").get<std::vector<std::string>>();
    verb.takes_overrides = json_verb.at("takes_overrides").get<bool>();
    verb.takes_folders = json_verb.at("takes_folders").get<bool>();
    verb.experiments = json_verb.at("experiments").get<std::string>();
    catalog.verbs[name] = std::move(verb);
  }
  for (const auto& key : json.at("keys")) {
    catalog.keys.push_back({key.at("key").get<std::string>(), key.at("selector").get<std::string>(),
                            key.at("values").get<std::vector<std::string>>()});
  }
  return catalog;
}

std::filesystem::path catalog_file() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "normadd_complete.json";
}

}  // namespace normadd::completion
