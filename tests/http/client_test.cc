// SPDX-License-Identifier: Apache-2.0
// The client against a real server, well-behaved and otherwise.
#include "http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "core/interruption.h"
#include "support/expect_error.h"
#include "support/http_server.h"

namespace normadd::http {
namespace {

using test::Answer;
using test::expect_error;
using test::HttpServer;
using test::redirect_answer;
using test::ServedRequest;
using ::testing::HasSubstr;
using ::testing::Not;
using Cause = Unreachable::Cause;

Request get(const std::string& url) {
  Request request;
  request.url = url;
  return request;
}

/// The cause and the text of what send() throws.
std::pair<Cause, std::string> failure_of(const Request& request) {
  try {
    send(request);
  } catch (const Unreachable& error) {
    EXPECT_EQ(error.exit_code(), 2);
    return {error.cause(), error.what()};
  }
  ADD_FAILURE() << "no error was thrown";
  return {};
}

TEST(Client, SendsMethodHeadersAndBodyAndGivesBackStatusHeadersAndBody) {
  HttpServer server([](const ServedRequest& request) {
    Answer answer;
    answer.status = 418;
    answer.headers = {{"X-Echo", request.header("x-key")}};
    answer.body = request.method + " " + request.target + " " + request.body;
    return answer;
  });
  Request request = get(server.url() + "/a?b=c");
  request.method = "POST";
  request.headers = {{"X-Key", "value"}, {"Content-Type", "application/json"}};
  request.body = std::string("{\"a\":\0}", 7);
  const Response response = send(request);
  EXPECT_EQ(response.status, 418);
  EXPECT_EQ(response.headers.at("x-echo"), "value");
  EXPECT_EQ(response.body, "POST /a?b=c " + request.body);
  EXPECT_EQ(server.requests().at(0).header("content-type"), "application/json");
}

TEST(Client, LargeBodiesGoOutWithoutWaiting) {
  HttpServer server([](const ServedRequest& request) {
    Answer answer;
    answer.body = std::to_string(request.body.size());
    return answer;
  });
  Request request = get(server.url() + "/");
  request.method = "POST";
  request.body = std::string(3'000'000, 'x');
  EXPECT_EQ(send(request).body, "3000000");
  EXPECT_EQ(server.requests().at(0).header("expect"), "");
}

TEST(Client, HeadHasHeadersOnly) {
  HttpServer server([](const ServedRequest&) { return Answer{.body = "0123456789"}; });
  Request request = get(server.url() + "/");
  request.method = "HEAD";
  const Response response = send(request);
  EXPECT_EQ(response.headers.at("content-length"), "10");
  EXPECT_EQ(response.body, "");
}

TEST(Client, RedirectsKeepSecretsAtHome) {
  std::string elsewhere;
  HttpServer other([](const ServedRequest&) { return Answer{.body = "there"}; });
  HttpServer server([&](const ServedRequest& request) {
    if (request.path() == "/near") return redirect_answer(302, "/here");
    if (request.path() == "/far") return redirect_answer(302, elsewhere);
    return Answer{.body = "here"};
  });
  Request request = get(server.url() + "/near");
  request.headers = {{"Authorization", "Bearer s3cret"}, {"X-Api-Key", "s3cret"}, {"Accept", "text/plain"}};
  EXPECT_EQ(send(request).body, "here");
  EXPECT_EQ(server.requests().at(1).header("authorization"), "Bearer s3cret");

  request.url = server.url() + "/far";
  elsewhere = other.url() + "/x";
  EXPECT_EQ(send(request).body, "there");
  const ServedRequest at_other = other.requests().at(0);
  EXPECT_EQ(at_other.header("authorization"), "");
  EXPECT_EQ(at_other.header("x-api-key"), "");
  EXPECT_EQ(at_other.header("accept"), "text/plain");

  // The same machine under another name is another host.
  elsewhere = server.other_host_url() + "/here";
  EXPECT_EQ(send(request).body, "here");
  EXPECT_EQ(server.requests().back().header("authorization"), "");
}

TEST(Client, RedirectsOfPostAreThoseOfBrowsers) {
  HttpServer other([](const ServedRequest& request) { return Answer{.body = request.method + request.body}; });
  HttpServer server([&](const ServedRequest& request) {
    if (request.path() == "/303") return redirect_answer(303, "/end");
    if (request.path() == "/307") return redirect_answer(307, "/end");
    if (request.path() == "/308far") return redirect_answer(308, other.url() + "/end");
    return Answer{.body = request.method + request.body};
  });
  Request request = get(server.url() + "/303");
  request.method = "POST";
  request.body = "text";
  EXPECT_EQ(send(request).body, "GET");
  request.url = server.url() + "/307";
  EXPECT_EQ(send(request).body, "POSTtext");
  // What was written for one host is not given to another.
  request.url = server.url() + "/308far";
  EXPECT_EQ(send(request).status, 308);
  EXPECT_TRUE(other.requests().empty());
}

TEST(Client, RedirectsEnd) {
  HttpServer server([](const ServedRequest& request) { return redirect_answer(302, request.target + "x"); });
  const auto [cause, text] = failure_of(get(server.url() + "/"));
  EXPECT_EQ(cause, Cause::kTooManyRedirects);
  EXPECT_EQ(server.requests().size(), 6u);

  Request request = get(server.url() + "/");
  request.max_redirects = 0;
  const Response response = send(request);
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(response.headers.at("location"), "/x");
}

TEST(Client, RedirectsToOtherProtocolsAreRefused) {
  HttpServer server([](const ServedRequest&) { return redirect_answer(302, "file:///etc/passwd"); });
  expect_error<core::ConfigError>([&] { send(get(server.url() + "/")); }, {"file:///etc/passwd"});
}

TEST(Client, NamesTheUrlWithoutItsSecrets) {
  const int port = test::unused_port();
  const auto [cause, text] =
      failure_of(get("http://user:passw0rd@127.0.0.1:" + std::to_string(port) + "/path?api_key=s3cret#f"));
  EXPECT_EQ(cause, Cause::kRefused);
  EXPECT_THAT(text, HasSubstr("http://127.0.0.1:" + std::to_string(port) + "/path"));
  EXPECT_THAT(text, Not(HasSubstr("passw0rd")));
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
  EXPECT_EQ(public_url("https://u:p@host/a?b#c"), "https://host/a");
  EXPECT_EQ(public_url("not a url: u:p@host?x"), "host");
}

TEST(Client, EveryKindOfSilenceIsNamed) {
  HttpServer server([](const ServedRequest& request) {
    Answer answer{.body = "0123456789"};
    if (request.path() == "/late") answer.delay_s = 60;
    if (request.path() == "/hang") answer.hang_after = 3;
    if (request.path() == "/cut") answer.cut_after = 3;
    if (request.path() == "/nothing") answer.raw = "";
    if (request.path() == "/nonsense") answer.raw = "\x16\x03nonsense\r\n\r\n";
    return answer;
  });
  Request request = get(server.url() + "/late");
  request.timeout_s = 0.2;
  EXPECT_EQ(failure_of(request).first, Cause::kTimedOut);
  request = get(server.url() + "/hang");
  request.stall_timeout_s = 0.2;
  const auto [cause, text] = failure_of(request);
  EXPECT_EQ(cause, Cause::kTimedOut);
  EXPECT_THAT(text, HasSubstr("nothing for 0.2 s"));
  EXPECT_EQ(failure_of(get(server.url() + "/cut")).first, Cause::kCutOff);
  EXPECT_EQ(failure_of(get(server.url() + "/nothing")).first, Cause::kCutOff);
  EXPECT_EQ(failure_of(get(server.url() + "/nonsense")).first, Cause::kMalformed);
  // https to a server that speaks http.
  EXPECT_EQ(failure_of(get("https" + server.url().substr(4) + "/")).first, Cause::kTls);
  EXPECT_EQ(failure_of(get("http://nowhere.invalid/")).first, Cause::kNoSuchHost);
}

TEST(Client, SlowIsNotStalled) {
  HttpServer server([](const ServedRequest&) {
    return Answer{.body = std::string(12, 'x'), .chunk_bytes = 1, .chunk_pause_s = 0.3};
  });
  Request request = get(server.url() + "/");
  request.stall_timeout_s = 3;  // the whole body takes longer
  EXPECT_EQ(send(request).body.size(), 12u);
}

TEST(Client, BodiesAreBounded) {
  HttpServer server([](const ServedRequest&) { return Answer{.body = std::string(1000, 'x')}; });
  Request request = get(server.url() + "/");
  request.max_body_bytes = 999;
  EXPECT_EQ(failure_of(request).first, Cause::kTooLarge);
  request.max_body_bytes = 1000;
  EXPECT_EQ(send(request).body.size(), 1000u);
}

TEST(Client, RefusesWhatIsNoWebAddressAndBrokenHeaders) {
  for (const char* url : {"", "ftp://host/x", "file:///etc/passwd", "nothing"}) {
    expect_error<core::ConfigError>([&] { send(get(url)); }, {"http"});
  }
  Request request = get("http://127.0.0.1:1/");
  request.headers = {{"Authorization", "Bearer s3cret\n"}};
  try {
    send(request);
    FAIL();
  } catch (const core::ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("Authorization"));
    EXPECT_THAT(error.what(), Not(HasSubstr("s3cret")));
  }
}

TEST(Client, AnInterruptionEndsTheTransfer) {
  HttpServer server([](const ServedRequest&) {
    // By now the client waits for an answer that never comes.
    ::raise(SIGTERM);
    return Answer{.delay_s = 60};
  });
  core::note_interruptions();
  EXPECT_THROW(send(get(server.url() + "/")), core::Interrupted);
}

}  // namespace
}  // namespace normadd::http
