// SPDX-License-Identifier: Apache-2.0
#include "weights/hub_client.h"

#include <fmt/format.h>

#include <charconv>

#include "core/error.h"
#include "core/log.h"
#include "http/download.h"
#include "http/url.h"
#include "weights/card.h"

namespace normadd::weights {
namespace {

constexpr int kMostHops = 5;

std::string header(const http::Response& response, const char* name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? "" : found->second;
}

std::optional<std::uint64_t> whole_number(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// W/"abc" -> abc
std::string plain_etag(std::string etag) {
  if (etag.starts_with("W/")) etag.erase(0, 2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return etag;
}

}  // namespace

std::optional<std::string> HubFile::sha256() const {
  constexpr std::size_t kDigits = 64;
  const bool is_hash = etag.size() == kDigits && etag.find_first_not_of("0123456789abcdef") == std::string::npos;
  return is_hash ? std::optional(etag) : std::nullopt;
}

http::Request hub_request(const Hub& hub, const std::string& repository, const std::string& revision,
                          const std::string& file) {
  if (hub.offline) {
    throw core::ConfigError("nothing may be downloaded now", fmt::format("{}/{}", repository, file),
                            "Unset HF_HUB_OFFLINE and leave out --offline, or copy the file into the cache.");
  }
  http::Request request;
  std::string endpoint = hub.endpoint;
  while (endpoint.ends_with('/')) endpoint.pop_back();
  request.url = fmt::format("{}/{}/resolve/{}/{}", endpoint, repository, revision, file);
  request.certificates = hub.certificates;
  // As they are: hashes and ranges are those of the unpacked bytes.
  request.headers.emplace_back("Accept-Encoding", "identity");
  if (hub.token.empty()) return request;
  const http::Origin origin = http::origin_of(request.url);
  if (origin.scheme == "https" || origin.is_this_machine()) {
    request.headers.emplace_back("Authorization", "Bearer " + hub.token);
  } else {
    core::log_warning("the token is not sent, since the endpoint is not https");
  }
  return request;
}

std::string status_hint(int status, const Hub& hub, const std::string& repository) {
  if (status == 401 || status == 403) {
    return fmt::format("{} may be private or ask for consent: {}.", repository,
                       hub.token.empty() ? "set HF_TOKEN" : "check what HF_TOKEN gives access to");
  }
  if (status == 404) return "Check the repository, the revision and the file's name, and the endpoint (HF_ENDPOINT).";
  return "";
}

HubFile ask_hub(const Hub& hub, const std::string& repository, const std::string& revision, const std::string& file) {
  http::Request request = hub_request(hub, repository, revision, file);
  request.method = "HEAD";
  request.max_redirects = 0;
  const http::Origin home = http::origin_of(request.url);
  HubFile result;
  result.url = request.url;
  for (int hop = 0;; ++hop) {
    const http::Response response = http::send(request);
    if (response.status >= 400) {
      throw http::Refused(response.status, result.url, status_hint(response.status, hub, repository));
    }
    const bool redirects = response.status >= 300;
    const std::string linked = header(response, "x-linked-etag"), commit = header(response, "x-repo-commit");
    if (!commit.empty()) result.commit = commit;
    result.etag = plain_etag(linked.empty() && !redirects ? header(response, "etag") : linked);
    const std::string target = redirects ? http::redirect_target(request.url, header(response, "location")) : "";
    // At home a redirect is a repository's new name or another way to a small file; elsewhere it leads to the bytes
    // alone, and all that can be known stands here.
    if (result.etag.empty() && !target.empty() && http::origin_of(target) == home) {
      if (hop >= kMostHops) {
        throw http::Unreachable(http::Unreachable::Cause::kTooManyRedirects, "the hub redirects without end",
                                result.url, "Check the endpoint (HF_ENDPOINT).");
      }
      request.url = target;
      continue;
    }
    const std::string size = header(response, "x-linked-size");
    result.bytes = whole_number(size.empty() && response.status == 200 ? header(response, "content-length") : size);
    if (!is_commit(result.commit) || result.etag.empty()) {
      throw core::DataError("the answer has no X-Repo-Commit or no ETag, so this is not a hub",
                            http::public_url(result.url), "Check the endpoint (HF_ENDPOINT, --endpoint).");
    }
    return result;
  }
}

}  // namespace normadd::weights
