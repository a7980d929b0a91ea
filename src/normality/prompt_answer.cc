// SPDX-License-Identifier: Apache-2.0
#include "normality/prompt_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "networks/unicode_text.h"
#include "normality/phrase_text.h"

namespace normadd::normality {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKey = "descriptions";

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// What is left of an answer without the model's thoughts and the fence around its JSON.
std::string json_part(const std::string& content) {
  constexpr std::string_view kThoughtsEnd = "</think>";
  std::string text = content;
  if (const std::size_t end = text.rfind(kThoughtsEnd); end != std::string::npos) {
    text = text.substr(end + kThoughtsEnd.size());
  }
  text = trimmed(text);
  if (text.empty() || text[0] == '{' || text[0] == '[') return text;
  const std::size_t fence = text.find("```");
  const std::size_t begin = fence == std::string::npos ? fence : text.find('\n', fence);
  if (begin == std::string::npos) return text;
  return trimmed(text.substr(begin, text.find("```", begin) - begin));
}

/// The texts of an answer, or the one problem that keeps it from having any.
std::optional<std::vector<std::string>> texts_in(const std::string& content, bool cut_off, std::string& problem) {
  const std::string text = json_part(content);
  const Json json = Json::parse(text, nullptr, false);
  if (text.empty()) {
    problem = "The answer is empty.";
  } else if (json.is_discarded()) {
    problem = cut_off ? "The answer was cut off at the limit of tokens: write shorter captions."
                      : fmt::format("The answer is not JSON; it begins with {}.", quoted_excerpt(text));
  }
  if (!problem.empty()) return std::nullopt;
  const bool has_key = json.is_object() && json.contains(kKey);
  const Json& list = has_key ? json.at(kKey) : json;
  if (!list.is_array()) {
    problem = fmt::format("The answer is not of the form {{\"{}\": [\"...\", \"...\"]}}.", kKey);
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const auto& item : list) {
    if (!item.is_string()) {
      problem = fmt::format("Item {} of \"{}\" is not a text.", texts.size() + 1, kKey);
      return std::nullopt;
    }
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

/// The judge of one answer's texts; every problem names the text by its number, as the model counts them.
class Judge {
 public:
  Judge(const std::string& category, const std::string& type, const AnswerRules& rules)
      : category_(category), type_(type), rules_(rules) {}

  JudgedAnswer judge(const std::vector<std::string>& texts) {
    if (texts.size() != static_cast<std::size_t>(rules_.n)) {
      add(fmt::format("{} descriptions are wanted, but there are {}.", rules_.n, texts.size()));
    }
    for (std::size_t i = 0; i < texts.size(); ++i) judge_text(i + 1, texts[i]);
    if (!answer_.problems.empty()) answer_.phrases.clear();
    return std::move(answer_);
  }

 private:
  void add(std::string problem) { answer_.problems.push_back(std::move(problem)); }

  void judge_text(std::size_t number, const std::string& text) {
    const std::string phrase = tidy_phrase(text);
    const std::string name = fmt::format("Description {} ({})", number, quoted_excerpt(phrase));
    if (const std::string flaw = flaw_of_plain_text(phrase); !flaw.empty())
      return add(fmt::format("{} {}.", name, flaw));
    const std::size_t length = networks::decode_utf8(phrase).size();
    if (length > static_cast<std::size_t>(rules_.longest)) {
      return add(fmt::format("{} has {} characters; at most {} are allowed.", name, length, rules_.longest));
    }
    const std::string folded = networks::encode_utf8(networks::lower_case(networks::decode_utf8(phrase)));
    const auto [earlier, is_new] = numbers_.emplace(folded, number);
    if (!is_new) return add(fmt::format("{} is the same as description {}.", name, earlier->second));
    const std::string generic = with_category_placeholder(phrase, spoken_name(category_, true));
    if (rules_.names_category && generic.find("{category}") == std::string::npos) {
      return add(fmt::format("{} does not contain the words '{}'.", name, spoken_name(category_, true)));
    }
    for (const auto& negative : rules_.frame.negative) {
      const std::string normal = fill_category(negative, spoken_name(category_, true));
      if (folded == networks::encode_utf8(networks::lower_case(networks::decode_utf8(normal)))) {
        return add(fmt::format("{} says that nothing is wrong.", name));
      }
    }
    if (!fits_context(name, generic)) return;
    answer_.phrases.push_back(generic);
  }

  bool fits_context(const std::string& name, const std::string& generic) {
    PromptSet set = rules_.frame;
    set.pair_positive[category_][type_] = {generic};
    for (const auto& text : texts_for(set, category_, type_).positive) {
      // The start and the end token take part of the context.
      const std::size_t num_tokens = rules_.tokenizer.encode(text).size() + 2;
      if (num_tokens > static_cast<std::size_t>(rules_.context)) {
        add(fmt::format("{} is too long: {} tokens inside its template, at most {} are allowed.", name, num_tokens,
                        rules_.context));
        return false;
      }
    }
    return true;
  }

  const std::string& category_;
  const std::string& type_;
  const AnswerRules& rules_;
  std::map<std::string, std::size_t> numbers_;  // phrase in lower case -> number of its first appearance
  JudgedAnswer answer_;
};

}  // namespace

JudgedAnswer judge_answer(const std::string& content, bool cut_off, const std::string& category,
                          const std::string& type, const AnswerRules& rules) {
  std::string problem;
  const auto texts = texts_in(content, cut_off, problem);
  if (!texts) return {{}, {problem}};
  return Judge(category, type, rules).judge(*texts);
}

std::string answer_schema(int n) {
  const Json list{{"type", "array"}, {"items", {{"type", "string"}}}, {"minItems", n}, {"maxItems", n}};
  return Json{{"type", "object"},
              {"properties", {{kKey, list}}},
              {"required", Json::array({kKey})},
              {"additionalProperties", false}}
      .dump();
}

}  // namespace normadd::normality
