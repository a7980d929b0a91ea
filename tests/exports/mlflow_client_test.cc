// SPDX-License-Identifier: Apache-2.0
#include "exports/mlflow_client.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "exports/mlflow_artifacts.h"
#include "support/expect_error.h"
#include "support/http_server.h"

namespace normadd::exports {
namespace {

const std::string kPath = "/api/2.0/mlflow/runs/get";

MlflowServer server_at(const std::string& url, const MlflowLogin& login = {}) {
  return {.tracking_uri = url, .login = login, .certificates = {}, .attempts = 2, .first_pause_s = 0.001};
}

TEST(MlflowClient, ATokenWinsOverUserAndPassword) {
  test::HttpServer server([](const auto&) { return test::Answer{.body = "{}"}; });
  const auto sent = [&](const MlflowLogin& login) {
    MlflowClient(server_at(server.url() + "/", login)).get(kPath, {});
    return server.requests().back().header("authorization");
  };
  EXPECT_EQ(sent({"secret\n", "me", "word"}), "Bearer secret");
  EXPECT_EQ(sent({"", "Aladdin", "open sesame"}), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617
  EXPECT_EQ(sent({"", "me", ""}), "Basic bWU6");
  EXPECT_EQ(sent({}), "");
}

TEST(MlflowClient, EscapesQueriesAndPaths) {
  test::HttpServer server([](const auto&) { return test::Answer{.body = "{}"}; });
  const MlflowClient client(server_at(server.url() + "/below"));
  client.get(kPath, {{"name", "a&b=c/ö %"}});
  EXPECT_EQ(server.requests().back().target, "/below" + kPath + "?name=a%26b%3Dc%2F%C3%B6%20%25");
  client.put("/files/a b?#", "x\0y");
  EXPECT_EQ(server.requests().back().target, "/below/files/a%20b%3F%23");
}

TEST(MlflowClient, EveryRefusalIsASentence) {
  struct Case {
    test::Answer answer;
    std::vector<std::string> mentions;
  };
  const std::vector<Case> cases{
      {{.status = 401}, {"wants a login", "MLFLOW_TRACKING_TOKEN"}},
      {{.status = 403, .body = R"({"error_code": "PERMISSION_DENIED", "message": "not\nyours"})"},
       {"may not", "403", "not yours"}},
      {{.status = 500, .body = "<html>Traceback</html>"}, {"HTTP 500", "the server's log"}},
      {{.status = 404, .body = "nothing"}, {"HTTP 404", "tracking URI"}},
      {test::redirect_answer(307, "http://elsewhere.test/login?token=x"),
       {"redirects to http://elsewhere.test/login", "not followed"}},
  };
  for (const auto& one : cases) {
    test::HttpServer server([&](const auto&) { return one.answer; });
    const MlflowClient client(server_at(server.url(), {"topsecret", "", ""}));
    auto mentions = one.mentions;
    mentions.push_back(server.url() + kPath);
    test::expect_error<MlflowError>([&] { client.post(kPath, "{}", true); }, mentions);
  }
}

TEST(MlflowClient, AServerThatIsDownIsNamed) {
  const std::string url = "http://127.0.0.1:" + std::to_string(test::unused_port());
  test::expect_error<http::Unreachable>([&] { MlflowClient(server_at(url)).get(kPath, {}); },
                                        {"cannot be reached", url});
}

TEST(MlflowClient, TheLoginNeverReachesAnotherHost) {
  test::HttpServer other([](const auto&) { return test::Answer{.body = "{}"}; });
  for (const int status : {301, 302, 303, 307, 308}) {
    test::HttpServer server([&](const auto&) { return test::redirect_answer(status, other.other_host_url() + kPath); });
    const MlflowClient client(server_at(server.url(), {"topsecret", "", ""}));
    EXPECT_THROW(client.get(kPath, {}), MlflowError);
    EXPECT_THROW(client.post(kPath, "{}", true), MlflowError);
    EXPECT_THROW(client.put("/file", "x"), MlflowError);
  }
  EXPECT_TRUE(other.requests().empty());
}

TEST(MlflowClient, SecretsDoNotComeBackInMessages) {
  test::HttpServer server([](const test::ServedRequest& request) {
    return test::Answer{.status = 400, .body = "{\"message\": \"bad " + request.header("authorization") + "\"}"};
  });
  try {
    MlflowClient(server_at(server.url(), {"topsecret", "", ""})).get(kPath, {});
    FAIL();
  } catch (const MlflowError& error) {
    EXPECT_EQ(std::string(error.what()).find("topsecret"), std::string::npos) << error.what();
  }
}

TEST(MlflowClient, UnusableAddressesAndTokensAreRefused) {
  const auto make = [](const std::string& url, const std::string& token = "") {
    return [=] { MlflowClient client(server_at(url, {token, "", ""})); };
  };
  test::expect_error<core::ConfigError>(make("databricks"), {"http://"});
  test::expect_error<core::ConfigError>(make("http://me:word@host"), {"user name", "MLFLOW_TRACKING_USERNAME"});
  test::expect_error<core::ConfigError>(make("http://127.0.0.1", "two words"), {"MLFLOW_TRACKING_TOKEN"});
}

TEST(MlflowArtifacts, OnlyStoresThatTheServerPassesOnAreWrittenTo) {
  const MlflowClient client(server_at("http://127.0.0.1:5000"));
  EXPECT_EQ(artifact_obstacle(client, "mlflow-artifacts:/1/r/artifacts"), "");
  EXPECT_EQ(artifact_obstacle(client, "mlflow-artifacts://127.0.0.1:5000/1/r/artifacts"), "");
  EXPECT_NE(artifact_obstacle(client, "mlflow-artifacts://elsewhere.test/1/r/artifacts"), "");
  EXPECT_NE(artifact_obstacle(client, "s3://bucket/1/r"), "");
  EXPECT_NE(artifact_obstacle(client, "file:///etc/1/r"), "");
  EXPECT_NE(artifact_obstacle(client, "/etc/1/r"), "");
}

}  // namespace
}  // namespace normadd::exports
