// SPDX-License-Identifier: Apache-2.0
// All weight cards, and what was pinned at a first download on this machine.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "weights/card.h"

namespace normadd::weights {

/// Where things lie; the program knows, libraries are told.
struct Places {
  std::filesystem::path cards;      // data/weights/cards
  std::filesystem::path hub_cache;  // HF_HUB_CACHE, else HF_HOME/hub, else ~/.cache/huggingface/hub
  std::filesystem::path state;      // ~/.cache/normadd/weights: hashes of large files, pins of first downloads
};

class Catalogue {
 public:
  /// Reads every *.yaml of places.cards; a card that is not pinned takes what record_pin wrote. Throws ConfigError.
  static Catalogue read(const Places& places);

  const std::vector<Card>& cards() const { return cards_; }  // by name
  const Card* find(const std::string& name) const;
  /// Throws ConfigError with the nearest name.
  const Card& get(const std::string& name) const;
  std::vector<std::string> names() const;
  /// Names of the cards for an architecture.
  std::vector<std::string> names_for(Family family, const std::string& architecture) const;
  /// The card whose weights have this hash, or nullptr.
  const Card* find_sha256(const std::string& sha256) const;

 private:
  std::vector<Card> cards_;
};

/// Remembers what a first download of an unpinned card brought (places.state/pins/<card>.yaml), so that any later one
/// must bring the same. Throws OutputError.
void record_pin(const Places& places, const Card& card, const std::string& revision, const std::string& sha256);

}  // namespace normadd::weights
