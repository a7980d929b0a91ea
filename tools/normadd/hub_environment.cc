// SPDX-License-Identifier: Apache-2.0
#include "normadd/hub_environment.h"

#include <pwd.h>
#include <unistd.h>

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/error.h"
#include "normadd/home.h"

namespace normadd::tools {
namespace fs = std::filesystem;

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : boost::algorithm::trim_copy(std::string(value));
}

fs::path user_home() {
  if (const std::string home = variable("HOME"); !home.empty()) return home;
  // As Python's expanduser does, for jobs that start without an environment.
  if (const passwd* user = ::getpwuid(::getuid()); user != nullptr && user->pw_dir != nullptr) return user->pw_dir;
  throw core::ConfigError("HOME is not set, so the cache of the hub is not known", "", "Set HF_HUB_CACHE=FOLDER.");
}

/// A folder from the environment, "~" meaning the user's home as in Python; empty when it is not set.
fs::path folder(const char* name) {
  const std::string value = variable(name);
  if (value == "~") return user_home();
  return value.starts_with("~/") ? user_home() / value.substr(2) : fs::path(value);
}

fs::path cache_home() {
  const fs::path given = folder("XDG_CACHE_HOME");
  return given.empty() ? user_home() / ".cache" : given;
}

fs::path hub_cache() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (const fs::path given = folder(name); !given.empty()) return given;
  }
  const fs::path given = folder("HF_HOME");
  return (given.empty() ? cache_home() / "huggingface" : given) / "hub";
}

}  // namespace

weights::Places weight_places() {
  return {home() / "data" / "weights" / "cards", hub_cache(), cache_home() / "normadd" / "weights"};
}

weights::Hub hub_from_environment() {
  weights::Hub hub;
  if (const std::string endpoint = variable("HF_ENDPOINT"); !endpoint.empty()) hub.endpoint = endpoint;
  hub.token = variable("HF_TOKEN");
  for (const char* name : {"CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"}) {
    if (hub.certificates.empty()) hub.certificates = variable(name);
  }
  const std::string offline = boost::algorithm::to_upper_copy(variable("HF_HUB_OFFLINE"));
  hub.offline = offline == "1" || offline == "ON" || offline == "YES" || offline == "TRUE";
  return hub;
}

}  // namespace normadd::tools
