// SPDX-License-Identifier: Apache-2.0
// An MLflow tracking server's REST calls, and what goes wrong with them in one sentence.
// Source: https://mlflow.org/docs/latest/rest-api.html; mlflow/server/handlers.py, mlflow/utils/validation.py.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "http/client.h"

namespace normadd::exports {

/// From MLflow's own variables: MLFLOW_TRACKING_TOKEN wins over MLFLOW_TRACKING_USERNAME and _PASSWORD.
struct MlflowLogin {
  std::string token, user, password;
};

struct MlflowServer {
  std::string tracking_uri;  // http or https, with or without a path, no user name in it
  MlflowLogin login = {};
  std::string certificates = {};  // a PEM file of trusted authorities, empty = the system's
  /// Requests that may be repeated are, when the connection breaks or the server is busy, after a pause that doubles.
  int attempts = 4;
  double first_pause_s = 0.5;
};

/// The server's answer is a refusal, or nonsense.
class MlflowError : public core::Error {
 public:
  MlflowError(int status, std::string code, std::string what, const std::string& url, std::string hint)
      : Error(std::move(what), http::public_url(url), std::move(hint)), status_(status), code_(std::move(code)) {}
  int status() const { return status_; }
  /// MLflow's own name, such as RESOURCE_DOES_NOT_EXIST; may be empty.
  const std::string& code() const { return code_; }

 private:
  int status_;
  std::string code_;
};

class MlflowClient {
 public:
  /// Throws ConfigError for an address or a login that cannot be used. Warns when a login would travel unencrypted.
  explicit MlflowClient(MlflowServer server);

  /// path: "/api/2.0/mlflow/runs/get"; query: names and values, escaped here. Returns the body, a JSON object's text.
  /// Throws MlflowError, http::Unreachable.
  std::string get(const std::string& path, const std::vector<std::pair<std::string, std::string>>& query) const;
  /// repeatable: sending it twice does no harm.
  std::string post(const std::string& path, const std::string& json, bool repeatable) const;
  /// A file. path: not escaped yet, its parts without '/' in them.
  void put(const std::string& path, const std::string& bytes) const;

  const std::string& tracking_uri() const { return server_.tracking_uri; }
  /// Whether the address is on the tracking server itself, so that the login may go there.
  bool is_own(const std::string& scheme_and_host) const;

 private:
  http::Response send(http::Request request, bool repeatable) const;
  [[noreturn]] void refuse(const http::Request& request, const http::Response& response) const;
  std::string without_secrets(std::string text) const;

  MlflowServer server_;
  std::string authorization_;  // of the header; empty = none
};

/// Percent-encoded but for letters, digits and "-_.~", and '/' if it is kept.
std::string url_escaped(const std::string& text, bool keep_slashes);

}  // namespace normadd::exports
