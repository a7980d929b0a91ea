// SPDX-License-Identifier: Apache-2.0
#include "normality/prompt_instruction.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <vector>

#include "config/compose.h"
#include "config/options.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hashing.h"
#include "normality/prompt_files.h"
#include "normality/prompt_set.h"

namespace normadd::normality {
namespace {

struct Texts {
  int version = 0;
  std::string description;
  bool names_category = false;
  std::string system, user, retry;
  void describe(config::Options& o) {
    o.field("version", version).help("raised whenever a text changes").at_least(0);
    o.field("description", description).help("one sentence");
    o.field("names_category", names_category).help("every phrase must contain the category's name");
    o.field("system", system).help("the system message");
    o.field("user", user).help("the request");
    o.field("retry", retry).help("what follows an answer that cannot be used");
  }
};

/// Names between braces, {like_this}; JSON examples in the text, {"like": "this"}, are none.
std::vector<std::string> placeholders_of(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
    std::size_t end = open + 1;
    while (end < text.size() && ((text[end] >= 'a' && text[end] <= 'z') || text[end] == '_')) ++end;
    if (end < text.size() && end > open + 1 && text[end] == '}') names.push_back(text.substr(open + 1, end - open - 1));
  }
  return names;
}

void check_text(const config::Value& root, const char* key, const std::vector<std::string>& allowed,
                const std::vector<std::string>& needed) {
  const config::Value* value = root.find(key);
  const config::Value& at = value != nullptr ? *value : root;
  const auto found = placeholders_of(value != nullptr ? value->as_string() : "");
  for (const auto& name : found) {
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      throw core::ConfigError(fmt::format("the text '{}' has an unknown placeholder {{{}}}", key, name),
                              config::source_text(at.source),
                              fmt::format("Allowed here: {{{}}}.", fmt::join(allowed, "} {")));
    }
  }
  for (const auto& name : needed) {
    if (std::find(found.begin(), found.end(), name) == found.end()) {
      throw core::ConfigError(fmt::format("the text '{}' is missing or lacks {{{}}}", key, name),
                              config::source_text(at.source),
                              "See data/prompts/instructions/describe.yaml for an example.");
    }
  }
}

}  // namespace

PromptInstruction read_prompt_instruction(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) {
    throw core::DataError(fmt::format("no instruction '{}'", file.stem().string()), file.string(),
                          nearest_yaml_file(file));
  }
  const config::Value root = config::read_yaml(file);
  const auto texts = config::read_options<Texts>(root, "");
  check_text(root, "system", {"category", "type", "n"}, {});
  check_text(root, "user", {"category", "type", "n"}, {"category", "type"});
  check_text(root, "retry", {"category", "type", "n", "problems"}, {"problems"});
  return {file.stem().string(), texts.version, texts.description, texts.names_category,
          texts.system,         texts.user,    texts.retry,       core::sha256_hex_of_file(file)};
}

std::string fill_in(const std::string& text, const std::string& category, const std::string& type, int n,
                    const std::string& problems) {
  const std::map<std::string, std::string> values{{"category", spoken_name(category, true)},
                                                  {"type", spoken_name(type, true)},
                                                  {"n", std::to_string(n)},
                                                  {"problems", problems}};
  // In one pass: a name or a problem that itself holds {n} stays as it is.
  std::string filled;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t close = text[at] == '{' ? text.find('}', at) : std::string::npos;
    const auto found = close != std::string::npos ? values.find(text.substr(at + 1, close - at - 1)) : values.end();
    if (found != values.end()) {
      filled += found->second;
      at = close + 1;
    } else {
      filled += text[at++];
    }
  }
  return filled;
}

}  // namespace normadd::normality
