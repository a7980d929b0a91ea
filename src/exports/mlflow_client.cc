// SPDX-License-Identifier: Apache-2.0
#include "exports/mlflow_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string_view>
#include <thread>

#include "core/interruption.h"
#include "core/log.h"
#include "exports/safe_names.h"
#include "http/url.h"

namespace normadd::exports {
namespace {

constexpr std::size_t kLongestMessage = 300, kShortestSecret = 4;

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) text += k <= count ? kDigits[(group >> (18 - 6 * k)) & 63] : '=';
  }
  return text;
}

void trim_end(std::string& text) {
  // Keys are often read from files, with the line's end.
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos) text.pop_back();
}

bool is_busy(int status) { return status == 429 || status == 503; }
bool is_worth_repeating(int status) { return is_busy(status) || status == 408 || status == 502 || status == 504; }

bool is_worth_repeating(http::Unreachable::Cause cause) {
  using Cause = http::Unreachable::Cause;
  return cause == Cause::kCutOff || cause == Cause::kTimedOut;
}

/// Waits in small steps so that Ctrl-C is heard.
void pause(double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    core::stop_if_interrupted();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

std::string hint_for(int status) {
  if (status == 401) {
    return "Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.";
  }
  if (status == 403) return "Ask whoever runs the server for the right to write, or choose another --experiment.";
  if (status == 404) return "Check that the tracking URI is that of an MLflow server, with its path if it has one.";
  if (status >= 500) return "Look into the server's log, then push again: what is there already is kept.";
  return "Push again after the cause is gone: what is there already is kept.";
}

}  // namespace

std::string url_escaped(const std::string& text, bool keep_slashes) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          std::string_view("-_.~").find(c) != std::string_view::npos;
    if (is_plain || (keep_slashes && c == '/')) {
      escaped += c;
    } else {
      escaped += fmt::format("%{:02X}", byte);
    }
  }
  return escaped;
}

MlflowClient::MlflowClient(MlflowServer server) : server_(std::move(server)) {
  while (server_.tracking_uri.ends_with('/')) server_.tracking_uri.pop_back();
  const http::Origin origin = http::origin_of(server_.tracking_uri);
  if (server_.tracking_uri.find_first_of("@?#") != std::string::npos) {
    throw core::ConfigError("the tracking URI holds a user name, a query or a fragment",
                            http::public_url(server_.tracking_uri),
                            "Give the address alone; a login belongs into MLFLOW_TRACKING_USERNAME and _PASSWORD.");
  }
  MlflowLogin& login = server_.login;
  trim_end(login.token);
  if (!login.token.empty()) {
    if (std::ranges::any_of(login.token, [](unsigned char c) { return c <= 0x20 || c >= 0x7f; })) {
      throw core::ConfigError("the token has a blank or another character that a header cannot carry",
                              "MLFLOW_TRACKING_TOKEN", "Set the variable to the token alone.");
    }
    authorization_ = "Bearer " + login.token;
  } else if (!login.user.empty()) {
    authorization_ = "Basic " + base64(fmt::format("{}:{}", login.user, login.password));
  }
  if (!authorization_.empty() && origin.scheme == "http" && !origin.is_this_machine()) {
    core::log_warning(fmt::format("the login goes to {} unencrypted (http)", origin.host));
  }
}

bool MlflowClient::is_own(const std::string& scheme_and_host) const {
  return http::origin_of(scheme_and_host) == http::origin_of(server_.tracking_uri);
}

std::string MlflowClient::without_secrets(std::string text) const {
  for (const std::string& secret : {server_.login.token, server_.login.password}) {
    if (secret.size() < kShortestSecret) continue;
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret))
      text.replace(at, secret.size(), "…");
  }
  return text;
}

void MlflowClient::refuse(const http::Request& request, const http::Response& response) const {
  const int status = response.status;
  if (status >= 300 && status < 400) {
    const auto location = response.headers.find("location");
    throw MlflowError(status, "",
                      location == response.headers.end()
                          ? fmt::format("the server redirects (HTTP {})", status)
                          : fmt::format("the server redirects to {}, which is not followed",
                                        http::public_url(http::redirect_target(request.url, location->second))),
                      request.url, "If that is the MLflow server, give its address as the tracking URI.");
  }
  const auto json = nlohmann::json::parse(response.body, nullptr, false);
  std::string code, message;
  if (json.is_object()) {
    code = json.contains("error_code") && json["error_code"].is_string() ? json["error_code"].get<std::string>() : "";
    message = json.contains("message") && json["message"].is_string() ? json["message"].get<std::string>() : "";
  }
  for (char& c : message) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  message = cut_text(without_secrets(message), kLongestMessage);
  std::string what = status == 401   ? "the server wants a login (HTTP 401)"
                     : status == 403 ? "this login may not do that (HTTP 403)"
                                     : fmt::format("the server answers with HTTP {}", status);
  if (!message.empty()) what += ": " + message;
  throw MlflowError(status, code, what, request.url, hint_for(status));
}

http::Response MlflowClient::send(http::Request request, bool repeatable) const {
  // A redirect would turn POST into GET, or take the login elsewhere.
  request.max_redirects = 0;
  request.certificates = server_.certificates;
  if (!authorization_.empty()) request.headers.emplace_back("Authorization", authorization_);
  double wait_s = server_.first_pause_s;
  for (int attempt = 1;; ++attempt, wait_s *= 2) {
    const bool is_last = attempt >= server_.attempts;
    try {
      http::Response response = http::send(request);
      if (response.status >= 200 && response.status < 300) return response;
      const bool may_repeat = repeatable ? is_worth_repeating(response.status) : is_busy(response.status);
      if (is_last || !may_repeat) refuse(request, response);
    } catch (const http::Unreachable& error) {
      if (is_last || !repeatable || !is_worth_repeating(error.cause())) throw;
    }
    pause(wait_s);
  }
}

std::string MlflowClient::get(const std::string& path,
                              const std::vector<std::pair<std::string, std::string>>& query) const {
  http::Request request{.url = server_.tracking_uri + path};
  char separator = '?';
  for (const auto& [name, value] : query) {
    request.url += fmt::format("{}{}={}", separator, url_escaped(name, false), url_escaped(value, false));
    separator = '&';
  }
  return send(request, true).body;
}

std::string MlflowClient::post(const std::string& path, const std::string& json, bool repeatable) const {
  return send({.method = "POST",
               .url = server_.tracking_uri + path,
               .headers = {{"Content-Type", "application/json"}},
               .body = json},
              repeatable)
      .body;
}

void MlflowClient::put(const std::string& path, const std::string& bytes) const {
  // An empty type would be multipart or a form to some proxies.
  send({.method = "PUT",
        .url = server_.tracking_uri + url_escaped(path, true),
        .headers = {{"Content-Type", "application/octet-stream"}},
        .body = bytes,
        .timeout_s = 0},
       true);
}

}  // namespace normadd::exports
