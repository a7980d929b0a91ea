// SPDX-License-Identifier: Apache-2.0
#include "http/transfer.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <chrono>
#include <cmath>
#include <exception>
#include <memory>
#include <set>
#include <string_view>

#include "core/interruption.h"
#include "http/url.h"

namespace normadd::http {
namespace {

using Clock = std::chrono::steady_clock;
using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// Everything else may be a key under whatever name, so it stays with the host that it was meant for.
const std::set<std::string> kSafeElsewhere{"accept",   "accept-encoding", "accept-language", "content-type",
                                           "if-range", "range",           "user-agent"};

std::string lower_case(const std::string& text) {
  return boost::algorithm::to_lower_copy(text, std::locale::classic());
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// One request without redirects, as libcurl's callbacks see it.
struct Exchange {
  const Request* request = nullptr;
  const Receiver* receiver = nullptr;
  bool keep_redirect = false;  // a redirect's own body is dropped unless it is the response

  Response response;
  bool begun = false;  // on_headers was called
  std::exception_ptr failure;
  bool stalled = false;
  curl_off_t bytes_moved = 0;
  Clock::time_point last_move = Clock::now();

  bool is_response() const { return keep_redirect || !is_redirect(response.status); }
  void begin() {
    if (begun || !is_response()) return;
    begun = true;
    if (receiver->on_headers) receiver->on_headers(response);
  }
};

/// Exceptions must not pass through libcurl: they wait in the exchange until it has returned.
template <typename Work>
bool guarded(Exchange& exchange, Work work) {
  if (exchange.failure) return false;
  try {
    work();
    return true;
  } catch (...) {
    exchange.failure = std::current_exception();
    return false;
  }
}

std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const bool went_well = guarded(exchange, [&] {
    const std::string line = boost::algorithm::trim_copy(std::string(bytes, size));
    if (line.starts_with("HTTP/")) {
      // Also after "100 Continue": what came before belongs to another response.
      exchange.response = {};
      const auto space = line.find(' ');
      if (space != std::string::npos) exchange.response.status = std::atoi(line.c_str() + space);
      return;
    }
    const auto colon = line.find(':');
    if (colon == std::string::npos) return;
    exchange.response.headers[lower_case(line.substr(0, colon))] = boost::algorithm::trim_copy(line.substr(colon + 1));
  });
  return went_well ? size : 0;
}

std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (!exchange.is_response()) return size;
  const bool went_well = guarded(exchange, [&] {
    exchange.begin();
    if (exchange.receiver->on_bytes) exchange.receiver->on_bytes(bytes, size);
  });
  return went_well ? size : 0;
}

int on_progress(void* user, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent) {
  auto& exchange = *static_cast<Exchange*>(user);
  const auto now = Clock::now();
  if (received + sent != exchange.bytes_moved) {
    exchange.bytes_moved = received + sent;
    exchange.last_move = now;
  }
  const double limit = exchange.request->stall_timeout_s;
  if (limit > 0 && std::chrono::duration<double>(now - exchange.last_move).count() > limit) {
    exchange.stalled = true;
    return 1;
  }
  return guarded(exchange, [] { core::stop_if_interrupted(); }) ? 0 : 1;
}

HeaderList header_list(const Request& request) {
  HeaderList list(nullptr, curl_slist_free_all);
  const auto append = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());  // the longer list owns it now
    list.reset(longer);
  };
  // libcurl would wait a second for "100 Continue" before it sends a large body.
  append("Expect:");
  for (const auto& [name, value] : request.headers) {
    const auto breaks = [](const std::string& text) {
      return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
    };
    if (breaks(name) || breaks(value)) {
      throw core::ConfigError("a header has a line break in it", breaks(name) ? "" : name,
                              "Remove it, for example from the end of a key that was read from a file.");
    }
    append(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  return list;
}

[[noreturn]] void fail(CURLcode code, const Exchange& exchange, const char* detail) {
  using Cause = Unreachable::Cause;
  const std::string& url = exchange.request->url;
  const std::string again = "Check the network, or try again later.";
  if (exchange.stalled) {
    throw Unreachable(Cause::kTimedOut,
                      fmt::format("the server sent nothing for {:.3g} s", exchange.request->stall_timeout_s), url,
                      again);
  }
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      throw Unreachable(Cause::kNoSuchHost, "the host's name is not known", url,
                        "Check the address, the network and, where there is one, the proxy.");
    case CURLE_COULDNT_CONNECT:
      throw Unreachable(Cause::kRefused, "the server cannot be reached", url,
                        "Check that it runs and that the address and port are right.");
    case CURLE_OPERATION_TIMEDOUT:
      throw Unreachable(Cause::kTimedOut, "the server did not answer in time", url, again);
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      throw Unreachable(Cause::kCutOff, "the connection was cut off", url, again);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      throw Unreachable(Cause::kTls, fmt::format("no secure connection ({})", detail), url,
                        "Check the address, this machine's clock and its certificates.");
    case CURLE_OUT_OF_MEMORY:
      throw std::bad_alloc();
    default:
      throw Unreachable(Cause::kMalformed, fmt::format("the answer cannot be understood ({})", detail), url,
                        "Check that the address is that of an HTTP server.");
  }
}

long milliseconds(double seconds) {
  return seconds <= 0 ? 0 : std::max(1L, static_cast<long>(std::min(std::ceil(seconds * 1000), 2e9)));
}

void set_up(CURL* curl, const Request& request, Exchange& exchange, bool packed, double seconds_left) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "normadd/" NORMADD_VERSION);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connect_timeout_s));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds(seconds_left));
  if (origin_of(request.url).is_this_machine()) curl_easy_setopt(curl, CURLOPT_PROXY, "");
  if (!request.certificates.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, request.certificates.c_str());
  if (packed) curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET" || !request.body.empty()) {
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

Response exchange_once(const Request& request, const Receiver& receiver, bool packed, bool keep_redirect,
                       double seconds_left) {
  Exchange exchange;
  exchange.request = &request;
  exchange.receiver = &receiver;
  exchange.keep_redirect = keep_redirect;
  const HeaderList headers = header_list(request);
  const Handle curl(curl_easy_init(), curl_easy_cleanup);
  if (curl == nullptr) throw std::bad_alloc();
  char detail[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, detail);
  set_up(curl.get(), request, exchange, packed, seconds_left);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  const CURLcode code = curl_easy_perform(curl.get());
  if (exchange.failure) std::rethrow_exception(exchange.failure);
  if (code != CURLE_OK) fail(code, exchange, *detail == '\0' ? curl_easy_strerror(code) : detail);
  exchange.begin();
  return exchange.response;
}

/// Changes the request to go where a redirect points. False when the redirect should not be followed.
bool follow(Request& request, const Response& response) {
  const auto location = response.headers.find("location");
  if (location == response.headers.end()) return false;
  const std::string target = redirect_target(request.url, location->second);
  if (target.empty()) return false;
  const Origin from = origin_of(request.url), to = origin_of(target);
  if (from.scheme == "https" && to.scheme == "http") {
    throw Unreachable(Unreachable::Cause::kTls, "the server redirects from https to http, which is not followed",
                      request.url, "Ask whoever runs the server.");
  }
  const bool keeps_method = response.status == 307 || response.status == 308;
  const bool elsewhere = !(from == to);
  if (keeps_method && elsewhere && !request.body.empty()) return false;
  if (!keeps_method && request.method != "HEAD") {
    request.method = "GET";
    request.body.clear();
  }
  if (elsewhere) {
    std::erase_if(request.headers,
                  [](const auto& header) { return !kSafeElsewhere.contains(lower_case(header.first)); });
  }
  request.url = target;
  return true;
}

}  // namespace

Response transfer(const Request& original, const Receiver& receiver, bool packed) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  NORMADD_CHECK(ready == CURLE_OK, curl_easy_strerror(ready));
  core::stop_if_interrupted();
  Request request = original;
  origin_of(request.url);
  const auto start = Clock::now();
  for (int redirects = 0;; ++redirects) {
    double seconds_left = 0;
    if (original.timeout_s > 0) {
      seconds_left = original.timeout_s - std::chrono::duration<double>(Clock::now() - start).count();
      seconds_left = std::max(seconds_left, 0.001);
    }
    const bool stays = original.max_redirects == 0;
    const Response response = exchange_once(request, receiver, packed, stays, seconds_left);
    if (stays || !is_redirect(response.status)) return response;
    if (!follow(request, response)) {
      if (receiver.on_headers) receiver.on_headers(response);
      return response;
    }
    if (redirects >= original.max_redirects) {
      throw Unreachable(Unreachable::Cause::kTooManyRedirects,
                        fmt::format("the server redirects more than {} times", original.max_redirects), original.url,
                        "Check the address.");
    }
  }
}

}  // namespace normadd::http
