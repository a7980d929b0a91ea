// SPDX-License-Identifier: Apache-2.0
// Against a real server that is late, malformed, rate-limited, cut off, or refuses.
#include "normality/chat_endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>

#include "core/progress.h"
#include "support/chat_server.h"
#include "support/expect_error.h"

namespace normadd::normality {
namespace {

using test::Answer;
using test::ChatQuestion;
using test::ChatServer;
using test::completion;
using test::error_answer;
using test::expect_error;
using ::testing::ElementsAre;

const std::string kKey = "sk-very-secret-0123456789";
const std::string kSchema = R"({"type": "object"})";
const std::vector<ChatMessage> kMessages{{"system", "be brief"},
                                         {"user", "Object or material: carpet\nMark on it: hole\nWrite 2 x"}};

ChatOptions quick(const ChatServer& server) {
  ChatOptions options;
  options.base_url = server.base_url();
  options.model = "asked-model";
  options.backoff_s = 0.001;
  options.timeout_s = 20;
  return options;
}

/// The script's answers one after the other, then good ones.
ChatServer::Script in_turn(std::vector<Answer> answers) {
  return [answers = std::move(answers),
          next = std::make_shared<std::atomic<std::size_t>>(0)](const ChatQuestion&) -> std::optional<Answer> {
    const std::size_t i = (*next)++;
    return i < answers.size() ? std::optional(answers[i]) : std::nullopt;
  };
}

ChatServer::Script always(const Answer& answer) {
  return [answer](const ChatQuestion&) { return std::optional(answer); };
}

TEST(Chat, SendsWhatServersExpectAndReadsWhatTheySay) {
  const ChatServer server(always(completion("hello", "length")));
  ChatOptions options = quick(server);
  options.temperature = 0.25;
  options.seed = 9;
  options.max_tokens = 100;
  options.base_url += "/";
  ChatEndpoint endpoint(options, kKey + "\n", "MY_KEY");
  const ChatAnswer answer = endpoint.ask(kMessages, kSchema);
  EXPECT_EQ(answer.content, "hello");
  EXPECT_EQ(answer.model, "answering-model");
  EXPECT_EQ(answer.fingerprint, "fp_1");
  EXPECT_TRUE(answer.cut_off);
  EXPECT_EQ(endpoint.host() + "/v1", server.base_url().substr(7));
  const auto question = server.questions().at(0);
  EXPECT_EQ(question.request.method, "POST");
  EXPECT_EQ(question.request.header("authorization"), "Bearer " + kKey);
  EXPECT_EQ(question.request.header("content-type"), "application/json");
  EXPECT_EQ(question.body.at("model"), "asked-model");
  EXPECT_EQ(question.body.at("temperature"), 0.25);
  EXPECT_EQ(question.body.at("seed"), 9);
  EXPECT_EQ(question.body.at("max_tokens"), 100);
  EXPECT_EQ(question.body.at("messages").at(0).at("role"), "system");
  EXPECT_EQ(question.body.at("response_format").at("json_schema").at("schema"), nlohmann::json::parse(kSchema));
}

TEST(Chat, WhatIsNoneIsNotSent) {
  const ChatServer server;
  ChatOptions options = quick(server);
  options.temperature.reset();
  options.seed.reset();
  ChatEndpoint(options, "", "MY_KEY").ask(kMessages, kSchema);
  const auto question = server.questions().at(0);
  for (const char* key : {"temperature", "seed", "max_tokens"}) EXPECT_FALSE(question.body.contains(key)) << key;
  EXPECT_EQ(question.request.headers.count("authorization"), 0u);
}

TEST(Chat, AsksForJsonInTheWayThatTheServerTakesAndRemembersIt) {
  for (const auto& [taken, calls] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"json_schema", {"json_schema", "json_schema"}},
           {"json_object", {"json_schema", "json_object", "json_object"}},
           {"", {"json_schema", "json_object", "", ""}}}) {
    ChatServer server([taken = taken](const ChatQuestion& question) -> std::optional<Answer> {
      if (question.response_format() == taken) return std::nullopt;
      return error_answer(question.response_format() == "json_schema" ? 400 : 422, "response_format unknown");
    });
    ChatEndpoint endpoint(quick(server), "", "MY_KEY");
    endpoint.ask(kMessages, kSchema);
    endpoint.ask(kMessages, kSchema);
    std::vector<std::string> asked;
    for (const auto& question : server.questions()) asked.push_back(question.response_format());
    EXPECT_EQ(asked, calls);
  }
}

TEST(Chat, RepeatsWhatWentWrongOnTheWay) {
  Answer limited = error_answer(429, "slow down");
  limited.headers.emplace_back("Retry-After", "0");
  Answer cut = completion("a long answer that never ends");
  cut.cut_after = 20;
  const std::vector<Answer> troubles{
      limited,
      error_answer(503, "loading model"),
      error_answer(500, ""),
      cut,
      {.status = 200, .body = "<html><body>Bad gateway</body></html>"},
      {.status = 200, .body = R"({"choices": []})"},
      {.status = 200, .body = R"({"choices": [7]})"},
      {.status = 200, .body = R"({"choices": [{"message": "text"}]})"},
      {.status = 200, .body = R"({"error": {"message": "upstream failed"}})"},
      {.status = 200, .body = ""},
      {.status = 200, .body = "\xff\xfe\x00"},
      {.raw = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"choices\""},
      {.raw = ""},
  };
  ChatServer server(in_turn(troubles));
  ChatOptions options = quick(server);
  options.retries = static_cast<int>(troubles.size());
  options.longest_wait_s = 0.01;
  ChatEndpoint endpoint(options, "", "MY_KEY");
  testing::internal::CaptureStderr();
  EXPECT_EQ(endpoint.ask(kMessages, kSchema).model, "answering-model");
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(server.num_calls(), troubles.size() + 1);
  EXPECT_EQ(endpoint.num_calls(), troubles.size() + 1);
  for (const char* text :
       {"429: 'slow down'", "503: 'loading model'", "no chat completion", "<html>", "upstream failed", "cut off"}) {
    EXPECT_NE(log.find(text), std::string::npos) << text << " not in: " << log;
  }
}

TEST(Chat, GivesUpAfterItsRepetitionsWithTheReason) {
  for (const auto& [answer, mentions] : std::vector<std::pair<Answer, std::vector<std::string>>>{
           {error_answer(503, "loading"), {"503: 'loading'", "(3 times)"}},
           {error_answer(429, "too many"), {"429", "too many"}},
           {{.status = 200, .body = "<html>"}, {"no chat completion", "<html>"}}}) {
    const ChatServer server(always(answer));
    ChatOptions options = quick(server);
    options.retries = 2;
    ChatEndpoint endpoint(options, "", "MY_KEY");
    expect_error<ChatFailure>([&] { endpoint.ask(kMessages, kSchema); }, mentions);
    EXPECT_EQ(server.num_calls(), 3u);
  }
}

TEST(Chat, ALateAnswerIsAFailureThatLeavesTheServerReachable) {
  Answer late = completion("x");
  late.delay_s = 60;
  Answer hanging = completion(std::string(500, 'x'));
  hanging.hang_after = 10;
  for (const auto& answer : {late, hanging}) {
    ChatServer server(always(answer));
    ChatOptions options = quick(server);
    options.timeout_s = 0.2;
    options.retries = 1;
    ChatEndpoint endpoint(options, "", "MY_KEY");
    try {
      endpoint.ask(kMessages, kSchema);
      ADD_FAILURE();
    } catch (const ChatFailure& failure) {
      EXPECT_FALSE(failure.unreachable()) << failure.what();
    }
    EXPECT_EQ(endpoint.num_calls(), 2u);
    server.set_script({});
    ChatOptions patient = options;
    patient.timeout_s = 20;
    EXPECT_NO_THROW(ChatEndpoint(patient, "", "MY_KEY").ask(kMessages, kSchema));
  }
}

TEST(Chat, WaitsNoLongerThanAllowedWhateverTheServerAsksFor) {
  Answer limited = error_answer(429, "come back tomorrow");
  limited.headers.emplace_back("Retry-After", "86400");
  ChatServer server(in_turn({limited, limited}));
  ChatOptions options = quick(server);
  options.longest_wait_s = 0.01;
  // A wait of a day would outlive the test's own limit.
  EXPECT_NO_THROW(ChatEndpoint(options, "", "MY_KEY").ask(kMessages, kSchema));
  EXPECT_EQ(server.num_calls(), 3u);
}

TEST(Chat, WaitsAtLeastAsLongAsTheServerAsksFor) {
  Answer limited = error_answer(429, "wait");
  limited.headers.emplace_back("Retry-After", "1");
  ChatServer server(in_turn({limited}));
  const auto start = std::chrono::steady_clock::now();
  ChatEndpoint(quick(server), "", "MY_KEY").ask(kMessages, kSchema);
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(Chat, ReadsRetryAfterAsSecondsAndAsDate) {
  EXPECT_EQ(retry_after_s("7"), 7.0);
  EXPECT_EQ(retry_after_s("0.5"), 0.5);
  EXPECT_EQ(retry_after_s("-3"), 0.0);
  EXPECT_EQ(retry_after_s("soon"), std::nullopt);
  EXPECT_EQ(retry_after_s(""), std::nullopt);
  EXPECT_EQ(retry_after_s("inf"), std::nullopt);
  EXPECT_EQ(retry_after_s("Wed, 21 Oct 2015 07:28:00 GMT"), 0.0);
  const std::time_t later = std::time(nullptr) + 3600;
  char date[64];
  std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&later));
  const auto seconds = retry_after_s(date);
  ASSERT_TRUE(seconds);
  EXPECT_GT(*seconds, 3000);
  EXPECT_LE(*seconds, 3600);
}

TEST(Chat, RefusalsThatConcernEveryRequestEndAtOnce) {
  Answer moved = test::redirect_answer(307, "http://elsewhere.example/v1/chat/completions?key=abc");
  for (const auto& [answer, mentions] : std::vector<std::pair<Answer, std::vector<std::string>>>{
           {error_answer(401, "Incorrect API key"), {"401", "the key", "MY_KEY", "Incorrect API key"}},
           {error_answer(403, "not allowed"), {"403", "MY_KEY"}},
           {error_answer(404, "model 'asked-model'\n\x1b[2J not found"),
            {"404", "asked-model", "--model", "not found", "\\u001b[2J"}},
           {{.status = 404, .body = "<html>nothing</html>"}, {"404", "--base-url", "/v1"}},
           {error_answer(402, "no credit"), {"402", "no credit"}},
           {error_answer(400, "temperature must be 1"), {"400", "temperature must be 1", "--temperature none"}},
           {moved, {"307", "elsewhere.example", "--base-url"}}}) {
    const ChatServer server(always(answer));
    ChatEndpoint endpoint(quick(server), kKey, "MY_KEY");
    expect_error<core::ConfigError>([&] { endpoint.ask(kMessages, kSchema); }, mentions);
    EXPECT_LE(server.num_calls(), 3u);  // 400 may be about the three ways of asking for JSON
  }
  const auto quota = test::json_answer({{"error", {{"message", "quota"}, {"code", "insufficient_quota"}}}}, 429);
  const ChatServer server(always(quota));
  ChatEndpoint endpoint(quick(server), kKey, "MY_KEY");
  expect_error<core::ConfigError>([&] { endpoint.ask(kMessages, kSchema); }, {"429", "quota"});
  EXPECT_EQ(server.num_calls(), 1u);
}

TEST(Chat, WithoutAKeyTheHintSaysWhereItBelongs) {
  const ChatServer server(always(error_answer(401, "no key")));
  ChatEndpoint endpoint(quick(server), "", "MY_KEY");
  expect_error<core::ConfigError>([&] { endpoint.ask(kMessages, kSchema); },
                                  {"without a key", "Put the key into", "MY_KEY"});
}

TEST(Chat, OnceAnsweredARefusedRequestConcernsItselfAlone) {
  ChatServer server;
  ChatEndpoint endpoint(quick(server), "", "MY_KEY");
  endpoint.ask(kMessages, kSchema);
  server.set_script(always(error_answer(400, "filtered")));
  expect_error<ChatFailure>([&] { endpoint.ask(kMessages, kSchema); }, {"400", "filtered"});
  server.set_script({});
  EXPECT_NO_THROW(endpoint.ask(kMessages, kSchema));
}

TEST(Chat, NobodyThereIsAFailureThatSaysSo) {
  ChatOptions options;
  options.base_url = fmt::format("http://127.0.0.1:{}/v1", test::unused_port());
  options.model = "m";
  options.retries = 1;
  options.backoff_s = 0.001;
  try {
    ChatEndpoint(options, "", "MY_KEY").ask(kMessages, kSchema);
    ADD_FAILURE();
  } catch (const ChatFailure& failure) {
    EXPECT_TRUE(failure.unreachable());
    EXPECT_NE(std::string(failure.what()).find("cannot be reached (2 times)"), std::string::npos) << failure.what();
  }
}

TEST(Chat, TroubleWithTheCertificateOrTheHostEndsAtOnce) {
  const ChatServer server;
  ChatOptions options = quick(server);
  options.base_url.replace(0, 4, "https");
  ChatEndpoint endpoint(options, kKey, "MY_KEY");
  expect_error<http::Unreachable>([&] { endpoint.ask(kMessages, kSchema); }, {"secure connection", "certificates"});
  EXPECT_EQ(endpoint.num_calls(), 1u);
}

TEST(Chat, TheKeyIsBlottedOutOfAllThatTheServerSays) {
  Answer echoing = completion("your key is " + kKey);
  ChatServer server(
      in_turn({error_answer(500, "bad " + kKey), {.status = 200, .body = "<html>" + kKey + "</html>"}, echoing}));
  ChatEndpoint endpoint(quick(server), kKey, "MY_KEY");
  testing::internal::CaptureStderr();
  EXPECT_EQ(endpoint.ask(kMessages, kSchema).content, "your key is ***");
  EXPECT_EQ(testing::internal::GetCapturedStderr().find(kKey), std::string::npos);
  for (const int status : {400, 401, 404}) {
    server.set_script(always(error_answer(status, std::string(280, '-') + kKey)));
    try {
      ChatEndpoint(quick(server), kKey, "MY_KEY").ask(kMessages, kSchema);
      ADD_FAILURE();
    } catch (const core::Error& error) {
      EXPECT_EQ(std::string(error.what()).find("sk-very"), std::string::npos) << error.what();
    }
  }
}

TEST(Chat, AddressesAndKeysThatCannotBeMeantAreRefused) {
  const auto make = [](const std::string& url, const std::string& key) {
    ChatOptions options;
    options.base_url = url;
    options.model = "m";
    return ChatEndpoint(options, key, "MY_KEY");
  };
  expect_error<core::ConfigError>([&] { make("localhost:8080/v1", ""); }, {"http"});
  expect_error<core::ConfigError>([&] { make("ftp://host/v1", ""); }, {"http"});
  expect_error<core::ConfigError>([&] { make("", ""); }, {"http"});
  for (const std::string url : {"https://user:hunter2@host/v1", "https://host/v1?key=hunter2"}) {
    try {
      make(url, "");
      ADD_FAILURE() << url;
    } catch (const core::ConfigError& error) {
      EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find("MY_KEY"), std::string::npos) << error.what();
    }
  }
  for (const std::string key : {"two words", "line\nbreak-secret", "\xc3\xa4\xc3\xb6"}) {
    try {
      make("https://host/v1", key);
      ADD_FAILURE() << key;
    } catch (const core::ConfigError& error) {
      EXPECT_EQ(std::string(error.what()).find(key), std::string::npos);
      EXPECT_NE(std::string(error.what()).find("MY_KEY"), std::string::npos);
    }
  }
}

TEST(Chat, WarnsOfAKeyThatTravelsUnencrypted) {
  const auto warning_for = [](const std::string& url, const std::string& key) {
    ChatOptions options;
    options.base_url = url;
    options.model = "m";
    testing::internal::CaptureStderr();
    const ChatEndpoint endpoint(options, key, "MY_KEY");
    return testing::internal::GetCapturedStderr();
  };
  const std::string warning = warning_for("http://models.example/v1", kKey);
  EXPECT_NE(warning.find("MY_KEY"), std::string::npos);
  EXPECT_EQ(warning.find(kKey), std::string::npos);
  EXPECT_EQ(warning_for("https://models.example/v1", kKey), "");
  EXPECT_EQ(warning_for("http://models.example/v1", ""), "");
  EXPECT_EQ(warning_for("http://127.0.0.1:8080/v1", kKey), "");
}

}  // namespace
}  // namespace normadd::normality
