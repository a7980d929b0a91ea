// SPDX-License-Identifier: Apache-2.0
#include "http/client.h"

#include <fmt/format.h>

#include "http/transfer.h"

namespace normadd::http {

Unreachable::Unreachable(Cause cause, std::string what, const std::string& url, std::string hint)
    : Error(std::move(what), public_url(url), std::move(hint)), cause_(cause) {}

Response send(const Request& request) {
  std::string body;
  const Receiver receiver{
      .on_headers = {},
      .on_bytes =
          [&](const char* bytes, std::size_t size) {
            if (body.size() + size > request.max_body_bytes) {
              throw Unreachable(Unreachable::Cause::kTooLarge,
                                fmt::format("the answer is larger than {} bytes", request.max_body_bytes), request.url,
                                "Check that the address is the right one.");
            }
            body.append(bytes, size);
          },
  };
  Response response = transfer(request, receiver, true);
  response.body = std::move(body);
  return response;
}

}  // namespace normadd::http
