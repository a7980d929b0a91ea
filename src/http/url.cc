// SPDX-License-Identifier: Apache-2.0
#include "http/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "core/error.h"
#include "http/client.h"

namespace normadd::http {
namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

Url parse(const std::string& text) {
  Url url(curl_url(), curl_url_cleanup);
  if (url == nullptr || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return {nullptr, curl_url_cleanup};
  }
  return url;
}

std::string part(const Url& url, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), what, &text, flags) != CURLUE_OK) return "";
  const std::unique_ptr<char, decltype(&curl_free)> owner(text, curl_free);
  return text;
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return letter < 128 ? static_cast<char>(std::tolower(letter)) : letter; });
  return text;
}

}  // namespace

Origin origin_of(const std::string& text) {
  const Url url = parse(text);
  Origin origin;
  if (url != nullptr) {
    origin.scheme = lower_case(part(url, CURLUPART_SCHEME));
    origin.host = lower_case(part(url, CURLUPART_HOST));
  }
  if ((origin.scheme != "http" && origin.scheme != "https") || origin.host.empty()) {
    throw core::ConfigError("this is no http:// or https:// address", public_url(text),
                            "Give the whole address, for example https://huggingface.co.");
  }
  origin.port = std::stoi(part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT));
  return origin;
}

std::string redirect_target(const std::string& text, const std::string& location) {
  const Url url = parse(text);
  if (url == nullptr || curl_url_set(url.get(), CURLUPART_URL, location.c_str(), CURLU_URLENCODE) != CURLUE_OK) {
    return "";
  }
  return part(url, CURLUPART_URL);
}

std::string public_url(const std::string& text) {
  const Url url = parse(text);
  if (url == nullptr) {
    // Not understood, so whatever could be a secret goes: all before an @, all after a ?.
    std::string rest = text.substr(0, text.find_first_of("?#"));
    const auto scheme = rest.find("://");
    const auto at = rest.rfind('@');
    if (at == std::string::npos) return rest;
    return (scheme == std::string::npos || scheme > at ? "" : rest.substr(0, scheme + 3)) + rest.substr(at + 1);
  }
  for (const CURLUPart secret :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    curl_url_set(url.get(), secret, nullptr, 0);
  }
  return part(url, CURLUPART_URL);
}

}  // namespace normadd::http
