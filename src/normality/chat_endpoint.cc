// SPDX-License-Identifier: Apache-2.0
#include "normality/chat_endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string_view>
#include <thread>

#include "core/interruption.h"
#include "core/log.h"
#include "http/url.h"
#include "normality/phrase_text.h"

namespace normadd::normality {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kPath = "/chat/completions";
constexpr std::size_t kLongestMessage = 300;
constexpr std::uint64_t kLargestAnswer = 4 * 1024 * 1024;
/// Shorter ones are placeholders such as "none", which would be blotted out of ordinary words.
constexpr std::size_t kShortestSecret = 6;

std::string with_path(std::string base_url) {
  while (base_url.ends_with('/')) base_url.pop_back();
  return base_url.ends_with(kPath) ? base_url : base_url + kPath;
}

bool is_worth_repeating(int status) { return status == 408 || status == 425 || status == 429 || status >= 500; }

/// The text at a path of objects, or "".
std::string text_at(const Json& json, std::initializer_list<const char*> path) {
  const Json* node = &json;
  for (const char* key : path) {
    if (!node->is_object() || !node->contains(key)) return "";
    node = &node->at(key);
  }
  return node->is_string() ? node->get<std::string>() : "";
}

std::string error_code_of(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  const std::string code = text_at(json, {"error", "code"});
  return code.empty() ? text_at(json, {"error", "type"}) : code;
}

/// A message's content: a text, or a list of parts with texts.
std::string content_of(const Json& message) {
  if (!message.contains("content") || message.at("content").is_null()) return text_at(message, {"refusal"});
  const Json& content = message.at("content");
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  if (content.is_array()) {
    for (const auto& part : content) text += text_at(part, {"text"});
  }
  return text;
}

}  // namespace

void ChatOptions::describe(config::Options& o) {
  o.field("base_url", base_url).help("the endpoint, as http://localhost:8080/v1").required();
  o.field("model", model).help("which of the server's models is asked").required();
  o.field("temperature", temperature).help("randomness of the answer, none = the server's own").range(0, 2);
  o.field("seed", seed).help("seed of the answer where the server has one, none = do not send it").at_least(0);
  o.field("max_tokens", max_tokens).help("limit of an answer, none = the server's own").at_least(1);
  o.field("retries", retries).help("repetitions of a request that went wrong on the way").range(0, 100);
  o.field("backoff_s", backoff_s).help("wait before the first repetition, doubled each time").unit("s").range(0, 3600);
  o.field("longest_wait_s", longest_wait_s)
      .help("longest wait, whatever the server asks for")
      .unit("s")
      .range(0, 86400);
  o.field("connect_timeout_s", connect_timeout_s).help("limit for connecting").unit("s").range(0.001, 3600);
  o.field("timeout_s", timeout_s).help("limit for an answer").unit("s").range(0.001, 86400);
}

struct ChatEndpoint::Attempt {
  std::optional<ChatAnswer> answer;
  std::string reason;             // why there is none
  std::optional<double> asked_s;  // how long the server asks to wait
  bool format_refused = false;    // perhaps for response_format
  std::optional<http::Response> refusal;
  bool unreachable = false;
};

ChatEndpoint::ChatEndpoint(ChatOptions options, std::string key, std::string key_variable)
    : options_(std::move(options)), key_(std::move(key)), key_variable_(std::move(key_variable)) {
  const http::Origin origin = http::origin_of(options_.base_url);
  if (http::public_url(options_.base_url) != options_.base_url &&
      options_.base_url.find_first_of("@?#") != std::string::npos) {
    throw core::ConfigError("the base URL holds a user name, a query or a fragment",
                            http::public_url(options_.base_url),
                            fmt::format("Give the address alone; a key belongs into the variable {}.", key_variable_));
  }
  url_ = with_path(options_.base_url);
  host_ = fmt::format("{}:{}", origin.host, origin.port);
  // Keys are often read from files, with the line's end.
  while (!key_.empty() && std::string_view(" \t\r\n").find(key_.back()) != std::string_view::npos) key_.pop_back();
  if (std::ranges::any_of(key_, [](unsigned char c) { return c <= 0x20 || c >= 0x7f; })) {
    throw core::ConfigError("the key has a blank or another character that a header cannot carry", key_variable_,
                            "Set the variable to the key alone.");
  }
  if (!key_.empty() && origin.scheme == "http" && !origin.is_this_machine()) {
    core::log_warning(fmt::format("the key in {} goes to {} unencrypted (http)", key_variable_, host_));
  }
}

ChatAnswer ChatEndpoint::ask(const std::vector<ChatMessage>& messages, const std::string& schema) {
  for (const Format format : {Format::kSchema, Format::kObject, Format::kPlain}) {
    if (format < format_) continue;
    if (auto answer = ask_in(format, messages, schema)) {
      format_ = format;
      answered_ = true;
      return *answer;
    }
  }
  NORMADD_CHECK(false, "a request without response_format is answered or throws");
}

std::optional<ChatAnswer> ChatEndpoint::ask_in(Format format, const std::vector<ChatMessage>& messages,
                                               const std::string& schema) {
  Json request{{"model", options_.model}, {"messages", Json::array()}, {"stream", false}};
  for (const auto& message : messages) {
    request["messages"].push_back({{"role", message.role}, {"content", message.content}});
  }
  if (options_.temperature) request["temperature"] = *options_.temperature;
  if (options_.seed) request["seed"] = *options_.seed;
  if (options_.max_tokens) request["max_tokens"] = *options_.max_tokens;
  if (format == Format::kSchema) {
    request["response_format"] = {
        {"type", "json_schema"},
        {"json_schema", {{"name", "answer"}, {"strict", true}, {"schema", Json::parse(schema)}}}};
  } else if (format == Format::kObject) {
    request["response_format"] = {{"type", "json_object"}};
  }
  const std::string body = request.dump(-1, ' ', false, Json::error_handler_t::replace);
  for (int repetition = 0;; ++repetition) {
    const Attempt attempt = send_once(body);
    if (attempt.answer) return attempt.answer;
    if (attempt.format_refused && format != Format::kPlain) return std::nullopt;
    if (attempt.refusal) refuse(*attempt.refusal);
    if (repetition >= options_.retries) {
      throw ChatFailure(repetition == 0 ? attempt.reason : fmt::format("{} ({} times)", attempt.reason, repetition + 1),
                        http::public_url(url_), "Run the same command again later: what was answered is kept.",
                        attempt.unreachable);
    }
    wait(repetition, attempt.asked_s, attempt.reason);
  }
}

ChatEndpoint::Attempt ChatEndpoint::send_once(const std::string& body) {
  http::Request request;
  request.method = "POST";
  request.url = url_;
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  if (!key_.empty()) request.headers.emplace_back("Authorization", "Bearer " + key_);
  request.body = body;
  request.connect_timeout_s = options_.connect_timeout_s;
  request.timeout_s = options_.timeout_s;
  // A model thinks for a while before its first byte.
  request.stall_timeout_s = options_.timeout_s;
  request.max_redirects = 0;
  request.max_body_bytes = kLargestAnswer;
  ++num_calls_;
  Attempt attempt;
  try {
    const http::Response response = http::send(request);
    if (response.status >= 200 && response.status < 300) return read_answer(response);
    attempt.reason = fmt::format("the server answered {}: {}", response.status, message_of(response));
    if (is_worth_repeating(response.status) && error_code_of(response.body) != "insufficient_quota") {
      if (const auto header = response.headers.find("retry-after"); header != response.headers.end()) {
        attempt.asked_s = retry_after_s(header->second);
      }
    } else {
      attempt.format_refused = response.status == 400 || response.status == 422;
      attempt.refusal = response;
    }
  } catch (const http::Unreachable& error) {
    using Cause = http::Unreachable::Cause;
    const bool is_lasting = error.cause() == Cause::kTls || error.cause() == Cause::kNoSuchHost;
    if (is_lasting) throw;
    attempt.reason = without_key(error.message());
    attempt.unreachable = error.cause() == Cause::kRefused;
  }
  return attempt;
}

ChatEndpoint::Attempt ChatEndpoint::read_answer(const http::Response& response) const {
  Attempt attempt;
  const Json json = Json::parse(response.body, nullptr, false);
  // Some relays answer 200 to what went wrong behind them.
  if (json.is_object() && json.contains("error") && !json.at("error").is_null()) {
    attempt.reason = fmt::format("the server answered with an error: {}", message_of(response));
    return attempt;
  }
  const bool has_choice = json.is_object() && json.contains("choices") && json.at("choices").is_array() &&
                          !json.at("choices").empty() && json.at("choices")[0].is_object() &&
                          json.at("choices")[0].contains("message") && json.at("choices")[0].at("message").is_object();
  if (!has_choice) {
    attempt.reason = fmt::format("the server's answer is no chat completion; it begins with {}",
                                 quoted_excerpt(without_key(response.body)));
    return attempt;
  }
  const Json& choice = json.at("choices")[0];
  ChatAnswer answer;
  answer.content = without_key(content_of(choice.at("message")));
  answer.model = without_key(text_at(json, {"model"}));
  if (answer.model.empty()) answer.model = options_.model;
  answer.fingerprint = without_key(text_at(json, {"system_fingerprint"}));
  answer.cut_off = text_at(choice, {"finish_reason"}) == "length";
  attempt.answer = std::move(answer);
  return attempt;
}

std::string ChatEndpoint::message_of(const http::Response& response) const {
  const Json json = Json::parse(response.body, nullptr, false);
  std::string text = text_at(json, {"error", "message"});
  for (const char* key : {"error", "message", "detail"}) {
    if (text.empty()) text = text_at(json, {key});
  }
  if (text.empty()) text = response.body;
  // Before the excerpt: cutting through the key would leave a part of it.
  return text.empty() ? "(no message)" : quoted_excerpt(without_key(text), kLongestMessage);
}

void ChatEndpoint::refuse(const http::Response& response) const {
  const std::string where = http::public_url(url_), said = message_of(response);
  if (response.status == 401 || response.status == 403) {
    throw core::ConfigError(fmt::format("the server refuses {} ({}): {}",
                                        key_.empty() ? "to answer without a key" : "the key", response.status, said),
                            where,
                            key_.empty() ? fmt::format("Put the key into the environment variable {}.", key_variable_)
                                         : fmt::format("Check the key in the environment variable {}.", key_variable_));
  }
  if (response.status == 404 || response.status == 405) {
    throw core::ConfigError(fmt::format("the server knows no model '{}', or nothing at this address ({}): {}",
                                        options_.model, response.status, said),
                            where, "Check --model and --base-url, which normally ends in /v1.");
  }
  if (response.status >= 300 && response.status < 400) {
    const auto location = response.headers.find("location");
    throw core::ConfigError(
        fmt::format("the server redirects ({}) to {}", response.status,
                    location != response.headers.end()
                        ? quoted_excerpt(without_key(http::public_url(location->second)), kLongestMessage)
                        : "nowhere"),
        where, "Give the address that answers itself as --base-url: a key is sent nowhere else.");
  }
  const std::string what = fmt::format("the server refuses the request ({}): {}", response.status, said);
  if (answered_ || error_code_of(response.body) == "content_filter") throw ChatFailure(what, where, "");
  throw core::ConfigError(what, where, "Leave out what the server does not take, e.g. --temperature none --seed none.");
}

void ChatEndpoint::wait(int repetition, const std::optional<double>& asked_s, const std::string& reason) const {
  const double seconds =
      std::min(options_.longest_wait_s, asked_s ? *asked_s : options_.backoff_s * std::ldexp(1.0, repetition));
  core::log_info(fmt::format("{}: {}; again in {:.3g} s", host_, reason, seconds));
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    core::stop_if_interrupted();
    const auto left = end - std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(left, std::chrono::milliseconds(50)));
  }
}

std::string ChatEndpoint::without_key(std::string text) const {
  if (key_.size() < kShortestSecret) return text;
  for (std::size_t at = text.find(key_); at != std::string::npos; at = text.find(key_, at)) {
    text.replace(at, key_.size(), "***");
  }
  return text;
}

std::optional<double> retry_after_s(const std::string& header) {
  double seconds = 0;
  const char* end = header.data() + header.size();
  if (const auto [stop, error] = std::from_chars(header.data(), end, seconds);
      error == std::errc() && stop == end && std::isfinite(seconds)) {
    return std::max(0.0, seconds);
  }
  std::tm date{};
  if (::strptime(header.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date) == nullptr) return std::nullopt;
  return std::max(0.0, std::difftime(::timegm(&date), std::time(nullptr)));
}

}  // namespace normadd::normality
