// SPDX-License-Identifier: Apache-2.0
#include "normality/prompt_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "config/compose.h"
#include "core/error.h"
#include "core/nearest_name.h"
#include "normality/prompt_files.h"

namespace normadd::normality {
namespace {

[[noreturn]] void fail(const std::string& what, const config::Value& at, const std::string& hint = "") {
  throw core::DataError(what, fmt::format("{}:{}", at.source.file, at.source.line), hint);
}

void allow_keys(const config::Value& node, const std::vector<std::string>& names) {
  for (const auto& [key, value] : node.as_map()) {
    if (std::find(names.begin(), names.end(), key) == names.end()) {
      fail(fmt::format("unknown key '{}'", key), value, core::did_you_mean(key, names));
    }
  }
}

const config::Value& required(const config::Value& node, const std::string& key) {
  const config::Value* value = node.find(key);
  if (value == nullptr)
    fail(fmt::format("the key '{}' is missing", key), node, "See data/prompts/README.md for the format.");
  return *value;
}

void check_placeholders(const std::string& phrase, const std::vector<std::string>& names, const config::Value& at) {
  for (std::size_t open = phrase.find('{'); open != std::string::npos; open = phrase.find('{', open + 1)) {
    const std::size_t close = phrase.find('}', open);
    const std::string name = close == std::string::npos ? "" : phrase.substr(open + 1, close - open - 1);
    if (close == std::string::npos || std::find(names.begin(), names.end(), name) == names.end()) {
      fail(fmt::format("the phrase '{}' has an unknown placeholder", phrase), at,
           fmt::format("Allowed here: {{{}}}.", fmt::join(names, "} {")));
    }
  }
}

Phrases phrases_of(const config::Value& node, const std::vector<std::string>& placeholders) {
  if (!node.is_list()) fail("expected a list of phrases", node, "Write it as [a phrase, another phrase].");
  Phrases phrases;
  for (const auto& item : node.as_list()) {
    if (!item.is_string() || item.as_string().empty()) fail("expected a phrase (text)", item, "Put it in quotes.");
    check_placeholders(item.as_string(), placeholders, item);
    phrases.push_back(item.as_string());
  }
  return phrases;
}

std::map<std::string, Phrases> phrases_by_type(const config::Value& node) {
  if (!node.is_map()) fail("expected TYPE: [phrases]", node);
  std::map<std::string, Phrases> types;
  for (const auto& [type, value] : node.as_map()) types[type] = phrases_of(value, {"category", "type"});
  return types;
}

void read_positive(const config::Value& node, PromptSet& set) {
  if (!node.is_map()) fail("expected default, types and pairs", node);
  allow_keys(node, {"default", "types", "pairs"});
  if (const auto* value = node.find("default")) set.default_positive = phrases_of(*value, {"category", "type"});
  if (const auto* value = node.find("types")) set.type_positive = phrases_by_type(*value);
  if (const auto* value = node.find("pairs")) {
    if (!value->is_map()) fail("expected CATEGORY: {TYPE: [phrases]}", *value);
    for (const auto& [category, types] : value->as_map()) set.pair_positive[category] = phrases_by_type(types);
  }
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

config::Value list_of(const Phrases& phrases) { return config::List(phrases.begin(), phrases.end()); }

config::Value map_of(const std::map<std::string, Phrases>& types) {
  config::Value node(config::MapEntries{});
  for (const auto& [type, phrases] : types) node.set(type, list_of(phrases));
  return node;
}

std::string text_of(const config::Value& root, const std::string& key) {
  const config::Value* value = root.find(key);
  if (value == nullptr || value->is_null()) return "";
  return value->is_string() ? value->as_string() : config::short_text(*value);
}

const Phrases& positive_phrases(const PromptSet& set, const std::string& category, const std::string& type) {
  if (const auto pairs = set.pair_positive.find(category); pairs != set.pair_positive.end()) {
    if (const auto found = pairs->second.find(type); found != pairs->second.end()) return found->second;
  }
  if (const auto found = set.type_positive.find(type); found != set.type_positive.end()) return found->second;
  return set.default_positive;
}

std::vector<std::string> texts_of(const PromptSet& set, const Phrases& phrases, const std::string& noun,
                                  const std::string& type) {
  std::vector<std::string> texts;
  for (const auto& sentence : set.templates) {
    for (std::string phrase : phrases) {
      replace_all(phrase, "{category}", spoken_name(noun, set.spaces_in_names));
      replace_all(phrase, "{type}", spoken_name(type, set.spaces_in_names));
      std::string text = sentence;
      text.replace(text.find("{}"), 2, phrase);
      if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(std::move(text));
    }
  }
  return texts;
}

}  // namespace

PromptSet read_prompt_set(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) {
    throw core::DataError(fmt::format("no prompt set '{}'", file.stem().string()), file.string(),
                          nearest_yaml_file(file));
  }
  const config::Value root = config::read_yaml(file);
  if (!root.is_map()) fail("the file is not a prompt set", root, "See data/prompts/README.md for the format.");
  allow_keys(root, {"name", "author", "description", "class_name", "templates", "negative", "positive", "provenance"});
  PromptSet set;
  set.file = file;
  set.name = file.stem().string();
  set.author = text_of(root, "author");
  set.description = text_of(root, "description");
  if (const auto* value = root.find("class_name")) {
    const std::string rule = value->is_string() ? value->as_string() : "";
    if (rule != "as_is" && rule != "spaces") fail("class_name is neither as_is nor spaces", *value);
    set.spaces_in_names = rule == "spaces";
  }
  const config::Value& templates = required(root, "templates");
  set.templates = phrases_of(templates, {""});
  for (const auto& text : set.templates) {
    if (text.find("{}") == std::string::npos) fail(fmt::format("the template '{}' has no {{}}", text), templates);
    if (text.find("{}") != text.rfind("{}"))
      fail(fmt::format("the template '{}' has more than one {{}}", text), templates);
  }
  set.negative = phrases_of(required(root, "negative"), {"category"});
  if (set.templates.empty() || set.negative.empty()) fail("templates and negative must not be empty", root);
  read_positive(required(root, "positive"), set);
  if (const auto* value = root.find("provenance")) set.provenance = read_provenance(*value);
  return set;
}

config::Value to_value(const PromptSet& set) {
  config::Value root(config::MapEntries{});
  root.set("name", set.name);
  if (!set.author.empty()) root.set("author", set.author);
  if (!set.description.empty()) root.set("description", set.description);
  root.set("class_name", set.spaces_in_names ? "spaces" : "as_is");
  root.set("templates", list_of(set.templates));
  root.set("negative", list_of(set.negative));
  config::Value positive(config::MapEntries{});
  positive.set("default", list_of(set.default_positive));
  if (!set.type_positive.empty()) positive.set("types", map_of(set.type_positive));
  if (!set.pair_positive.empty()) {
    config::Value pairs(config::MapEntries{});
    for (const auto& [category, types] : set.pair_positive) pairs.set(category, map_of(types));
    positive.set("pairs", std::move(pairs));
  }
  root.set("positive", std::move(positive));
  if (set.provenance) root.set("provenance", to_value(*set.provenance));
  return root;
}

std::string spoken_name(std::string name, bool spaces_in_names) {
  if (spaces_in_names) std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

TextPair texts_for(const PromptSet& set, const std::string& category, const std::string& type,
                   const std::string& noun) {
  const Phrases& phrases = positive_phrases(set, category, type);
  if (phrases.empty()) {
    throw core::DataError(
        fmt::format("the prompt set has no phrases for '{}' on '{}'", type, category), set.file.string(),
        fmt::format("{} positive.pairs.{}.{}: [phrases], or positive.default.",
                    set.provenance ? "Generate the set for this pair too, or add" : "Add", category, type));
  }
  TextPair pair;
  pair.key = fmt::format("{}/{}/{}", set.name, noun, type);
  pair.positive = texts_of(set, phrases, noun, type);
  pair.negative = texts_of(set, set.negative, noun, type);
  return pair;
}

}  // namespace normadd::normality
