// SPDX-License-Identifier: Apache-2.0
// One HTTP request at a time over libcurl: bounded in time and size, stopped by Ctrl-C, silent about secrets.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"

namespace normadd::http {

struct Request {
  std::string method = "GET";
  std::string url = {};  // http:// or https:// only
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  // 0 = no limit. stall: no byte sent or received for that long.
  double connect_timeout_s = 10, timeout_s = 120, stall_timeout_s = 60;
  int max_redirects = 5;                            // 0: a redirect is itself the response
  std::uint64_t max_body_bytes = 64 * 1024 * 1024;  // of the response, unpacked
  std::string certificates = {};                    // a file of trusted authorities (PEM); empty = the system's
};

struct Response {
  int status = 0;
  std::map<std::string, std::string> headers;  // lower-case names; a repeated header keeps its last value
  std::string body = {};
};

/// No response was had. The URL stands in it without user name, password and query.
class Unreachable : public core::Error {
 public:
  enum class Cause { kRefused, kNoSuchHost, kTimedOut, kCutOff, kTls, kMalformed, kTooLarge, kTooManyRedirects };
  Unreachable(Cause cause, std::string what, const std::string& url, std::string hint);
  Cause cause() const { return cause_; }

 private:
  Cause cause_;
};

/// Any HTTP status is a Response. Throws Unreachable when there is none (refused, timed out, cut off, TLS), ConfigError
/// when the URL is neither http nor https or a header has a line break, Interrupted when the program was told to stop.
///
/// Redirects are followed, from https never to http. To another scheme, host or port only headers that are known to
/// carry no secret go along (Accept, User-Agent, Range, Content-Type, …). 301, 302 and 303 turn POST into GET; 307 and
/// 308 send a body again, but not to another host: there the redirect is the response (without its body). The proxy
/// named by http_proxy, https_proxy and no_proxy is used, except for this machine itself.
Response send(const Request& request);

/// For messages and logs: without user name, password, query and fragment.
std::string public_url(const std::string& url);

}  // namespace normadd::http
