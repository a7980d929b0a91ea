// SPDX-License-Identifier: Apache-2.0
// The parts of a URL that decide where a request goes and who may see its secrets.
#pragma once

#include <string>

namespace normadd::http {

struct Origin {
  std::string scheme, host;  // lower case
  int port = 0;
  bool operator==(const Origin&) const = default;
  bool is_this_machine() const { return host == "localhost" || host == "[::1]" || host.starts_with("127."); }
};

/// Throws ConfigError when the URL cannot be understood or its scheme is neither http nor https.
Origin origin_of(const std::string& url);

/// The target of a Location header, which may be relative to the URL that answered with it. Empty when it makes no
/// sense.
std::string redirect_target(const std::string& url, const std::string& location);

}  // namespace normadd::http
