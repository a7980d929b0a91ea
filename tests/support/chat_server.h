// SPDX-License-Identifier: Apache-2.0
// A real server that speaks as OpenAI-compatible chat endpoints do, and misbehaves where a test's script says so.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "support/http_server.h"

namespace normadd::test {

/// A question as it arrived: made from data/prompts/instructions/describe.yaml.
struct ChatQuestion {
  nlohmann::json body;
  std::string category, type;  // with blanks
  int n = 0;
  int turn = 0;  // 0 = the first question about this pair that the server ever got
  ServedRequest request;

  std::string last_message() const { return body.at("messages").back().at("content"); }
  std::string response_format() const {
    return body.contains("response_format") ? body.at("response_format").at("type").get<std::string>() : "";
  }
};

inline Answer json_answer(const nlohmann::json& json, int status = 200) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = json.dump()};
}

inline Answer completion(const std::string& content, const std::string& finish_reason = "stop") {
  const nlohmann::json message{{"role", "assistant"}, {"content", content}};
  return json_answer({{"id", "1"},
                      {"model", "answering-model"},
                      {"system_fingerprint", "fp_1"},
                      {"choices", {{{"index", 0}, {"message", message}, {"finish_reason", finish_reason}}}}});
}

/// {"error": {"message": ...}}, as clouds say it.
inline Answer error_answer(int status, const std::string& message) {
  return json_answer({{"error", {{"message", message}}}}, status);
}

/// As many usable descriptions as are wanted.
inline std::vector<std::string> good_descriptions(const std::string& category, const std::string& type, int n) {
  static const std::vector<std::string> kWords{"thin", "bright", "dark",  "curved", "small", "long",
                                               "pale", "rough",  "round", "broad",  "flat",  "loose"};
  std::vector<std::string> texts;
  for (int i = 0; i < n; ++i) {
    const std::string word = kWords.at(static_cast<std::size_t>(i) % kWords.size());
    texts.push_back(fmt::format("{} with {} {}", category, word, type));
  }
  return texts;
}

inline std::string descriptions_json(const std::vector<std::string>& texts) {
  return nlohmann::json{{"descriptions", texts}}.dump();
}

class ChatServer {
 public:
  /// Nothing from the script: a good answer.
  using Script = std::function<std::optional<Answer>(const ChatQuestion&)>;

  explicit ChatServer(Script script = {})
      : script_(std::move(script)), server_([this](const ServedRequest& request) { return answer(request); }) {}

  std::string base_url() const { return server_.url() + "/v1"; }
  std::size_t num_calls() const { return server_.requests().size(); }
  std::vector<ChatQuestion> questions() const {
    const std::lock_guard lock(mutex_);
    return questions_;
  }
  void set_script(Script script) {
    const std::lock_guard lock(mutex_);
    script_ = std::move(script);
  }

 private:
  static std::string between(const std::string& text, const std::string& before, const std::string& after) {
    const std::size_t begin = text.find(before);
    if (begin == std::string::npos) return "";
    return text.substr(begin + before.size(), text.find(after, begin + before.size()) - begin - before.size());
  }

  Answer answer(const ServedRequest& request) {
    ChatQuestion question;
    question.request = request;
    question.body = nlohmann::json::parse(request.body, nullptr, false);
    if (request.path() != "/v1/chat/completions" || question.body.is_discarded()) return error_answer(404, "not here");
    const std::string text = question.body.at("messages").at(1).at("content");
    question.category = between(text, "Object or material: ", "\n");
    question.type = between(text, "Mark on it: ", "\n");
    question.n = std::stoi(between(text, "Write ", " "));
    Script script;
    {
      const std::lock_guard lock(mutex_);
      question.turn = turns_[question.category + "/" + question.type]++;
      questions_.push_back(question);
      script = script_;
    }
    if (script) {
      if (auto scripted = script(question)) return *scripted;
    }
    return completion(descriptions_json(good_descriptions(question.category, question.type, question.n)));
  }

  mutable std::mutex mutex_;
  Script script_;
  std::map<std::string, int> turns_;
  std::vector<ChatQuestion> questions_;
  HttpServer server_;
};

}  // namespace normadd::test
