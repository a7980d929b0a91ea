// SPDX-License-Identifier: Apache-2.0
// An OpenAI-compatible chat endpoint: POST BASE_URL/chat/completions, as llama.cpp, vLLM, Ollama and clouds offer it.
// Source: the request and answer fields that those servers document in common (model, messages, temperature, seed,
// max_tokens, response_format; choices[0].message.content, finish_reason, model, error.message).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "config/options.h"
#include "core/error.h"
#include "http/client.h"

namespace normadd::normality {

struct ChatOptions {
  std::string base_url;
  std::string model;
  std::optional<double> temperature = 0.7;
  std::optional<int> seed = 0;
  std::optional<int> max_tokens;
  int retries = 4;
  double backoff_s = 1;
  double longest_wait_s = 60;
  double connect_timeout_s = 10;
  double timeout_s = 120;
  void describe(config::Options& options);
};

struct ChatMessage {
  std::string role, content;
};

struct ChatAnswer {
  std::string content;
  std::string model;  // as the server calls it
  std::string fingerprint;
  bool cut_off = false;  // at the limit of tokens
};

/// One request went wrong, others may succeed: rate limit, server errors, time-outs and malformed answers after all
/// repetitions, a request that the server refuses on account of its content.
class ChatFailure : public core::DataError {
 public:
  ChatFailure(std::string what, std::string where, std::string hint, bool unreachable = false)
      : DataError(std::move(what), std::move(where), std::move(hint)), unreachable_(unreachable) {}
  /// Nobody answers at that address any more: asking for something else is of no use.
  bool unreachable() const { return unreachable_; }

 private:
  bool unreachable_;
};

class ChatEndpoint {
 public:
  /// key: sent as a bearer token, none when empty; key_variable: what messages call it. Throws ConfigError for a base
  /// URL that is not http(s), or holds a user, a query or a fragment, and for a key that no header can carry.
  ChatEndpoint(ChatOptions options, std::string key, std::string key_variable);

  /// schema: JSON schema of the wanted answer, asked for as response_format json_schema, else json_object, else not at
  /// all, whatever the server takes; what it took is kept for later calls. Repeats after time-outs, cut connections,
  /// malformed answers, 408, 425, 429 and 5xx, waiting as Retry-After says (at most longest_wait_s) or backoff_s
  /// doubling each time. The key is blotted out of all that the server says. Throws ChatFailure; ConfigError or
  /// Unreachable when no request could succeed (key, model, address, certificate); Interrupted.
  ChatAnswer ask(const std::vector<ChatMessage>& messages, const std::string& schema);

  /// "localhost:8080".
  const std::string& host() const { return host_; }
  /// Requests sent so far, repetitions included.
  std::size_t num_calls() const { return num_calls_; }

 private:
  enum class Format { kSchema, kObject, kPlain };

  /// One way of asking for JSON: the answer, or nothing when the server does not take it.
  std::optional<ChatAnswer> ask_in(Format format, const std::vector<ChatMessage>& messages, const std::string& schema);
  /// What one request came to: an answer, or a reason to send it again.
  struct Attempt;
  Attempt send_once(const std::string& body);
  Attempt read_answer(const http::Response& response) const;
  std::string message_of(const http::Response& response) const;
  [[noreturn]] void refuse(const http::Response& response) const;
  void wait(int repetition, const std::optional<double>& asked_s, const std::string& reason) const;
  std::string without_key(std::string text) const;

  ChatOptions options_;
  std::string key_, key_variable_;
  std::string url_, host_;
  Format format_ = Format::kSchema;
  bool answered_ = false;
  std::size_t num_calls_ = 0;
};

/// Seconds that a Retry-After header asks to wait: a number, or a date (then from now). Nothing when it is neither.
std::optional<double> retry_after_s(const std::string& header);

}  // namespace normadd::normality
