// SPDX-License-Identifier: Apache-2.0
// The one place that speaks to libcurl: a request, its redirects, and the body handed on piece by piece.
#pragma once

#include <cstddef>
#include <functional>

#include "http/client.h"

namespace normadd::http {

struct Receiver {
  /// Called once, when the headers of the final response are known and before its body; may throw.
  std::function<void(const Response&)> on_headers;
  /// Called with each piece of the final response's body; may throw.
  std::function<void(const char* bytes, std::size_t size)> on_bytes;
};

/// As send(), but the response's body is given to the receiver and stays empty. max_body_bytes does not apply.
/// What the receiver throws comes out unchanged. packed: whether the server may compress the body.
Response transfer(const Request& request, const Receiver& receiver, bool packed);

}  // namespace normadd::http
