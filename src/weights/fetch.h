// SPDX-License-Identifier: Apache-2.0
// A card's files from the hub, into its cache or a folder, with revision and hash checked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "weights/catalogue.h"
#include "weights/hub_client.h"

namespace normadd::weights {

struct FetchRequest {
  std::optional<std::string> revision = {};          // commit, branch or tag; default: the card's, else main
  std::optional<std::string> sha256 = {};            // of the weights; for cards that are not pinned
  bool trust_first_download = false;                 // accept what comes for a card that is not pinned, and pin it here
  std::optional<std::filesystem::path> folder = {};  // plain files there instead of the cache
};

struct Fetched {
  std::filesystem::path folder, weights;  // the snapshot (or the folder asked for) and the file in it
  std::string commit, sha256;
  std::uint64_t bytes = 0;
  bool was_there = false;  // the weights were there already, whole and right
};

/// Downloads what is missing. The cache looks afterwards as huggingface_hub would have left it: blobs/ETAG,
/// snapshots/COMMIT/FILE linking there, refs/NAME for a revision asked for by name; its lock files are honoured, so two
/// downloads at once (ours or its) get the bytes once. Nothing is installed when the commit is not the card's, or when
/// the size or hash is wrong.
/// Throws ConfigError (offline; the card is not pinned and neither sha256 nor trust_first_download given), DataError,
/// OutputError, http::Refused, http::Unreachable.
Fetched fetch(const Card& card, const FetchRequest& request, const Hub& hub, const Places& places);

}  // namespace normadd::weights
