// SPDX-License-Identifier: Apache-2.0
// The hub over HTTP: what a file at a revision is, and where its bytes are.
// Source: huggingface_hub's resolve addresses and the headers X-Repo-Commit, X-Linked-ETag, X-Linked-Size.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/client.h"

namespace normadd::weights {

struct Hub {
  std::string endpoint = "https://huggingface.co";  // HF_ENDPOINT
  std::string token;                                // HF_TOKEN; sent to the endpoint's host alone
  std::string certificates;                         // file of trusted authorities; empty = the system's
  bool offline = false;                             // HF_HUB_OFFLINE or --offline: any request is an error
};

struct HubFile {
  std::string url;     // of the resolve address
  std::string commit;  // that the revision means
  std::string etag;    // the blob's name; the sha256 for large files
  std::optional<std::uint64_t> bytes;

  /// The etag when it is a sha256.
  std::optional<std::string> sha256() const;
};

/// A request for the file, with the token where it may go.
http::Request hub_request(const Hub& hub, const std::string& repository, const std::string& revision,
                          const std::string& file);

/// One HEAD request. Throws ConfigError when offline; Refused with a hint for 401, 403 and 404; Unreachable; DataError
/// for an answer that is none of a hub's.
HubFile ask_hub(const Hub& hub, const std::string& repository, const std::string& revision, const std::string& file);

/// What to do about a status that the hub answers with.
std::string status_hint(int status, const Hub& hub, const std::string& repository);

}  // namespace normadd::weights
