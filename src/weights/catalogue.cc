// SPDX-License-Identifier: Apache-2.0
#include "weights/catalogue.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/compose.h"
#include "config/options.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::weights {
namespace {

struct Pin {
  std::string revision, sha256;
  void describe(config::Options& o) {
    o.field("revision", revision).help("commit that the first download brought").required();
    o.field("sha256", sha256).help("of the weights").required();
  }
};

std::filesystem::path pin_file(const Places& places, const std::string& card) {
  return places.state / "pins" / (card + ".yaml");
}

void apply_pin(const Places& places, Card& card) {
  const auto file = pin_file(places, card.name);
  if (card.is_pinned() || !std::filesystem::is_regular_file(file)) return;
  const auto pin = config::read_options<Pin>(config::read_yaml(file), file.string());
  if (!card.revision) {
    if (!is_commit(pin.revision)) {
      throw core::ConfigError(fmt::format("revision: '{}' is not a commit", pin.revision), file.string(),
                              "Remove this file to pin the weights anew.");
    }
    card.revision = pin.revision;
  }
  if (!card.weights().sha256) card.files.front().sha256 = checked_sha256(pin.sha256, file.string());
  card.pinned_here = true;
}

}  // namespace

Catalogue Catalogue::read(const Places& places) {
  Catalogue catalogue;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(places.cards, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".yaml") catalogue.cards_.push_back(read_card(entry->path()));
  }
  if (error) {
    throw core::ConfigError(fmt::format("the weight cards cannot be read ({})", error.message()), places.cards.string(),
                            "They belong to the program: data/weights/cards.");
  }
  std::ranges::sort(catalogue.cards_, {}, &Card::name);
  for (auto& card : catalogue.cards_) apply_pin(places, card);
  return catalogue;
}

const Card* Catalogue::find(const std::string& name) const {
  const auto found = std::ranges::find(cards_, name, &Card::name);
  return found == cards_.end() ? nullptr : &*found;
}

const Card& Catalogue::get(const std::string& name) const {
  if (const Card* card = find(name)) return *card;
  throw core::ConfigError(fmt::format("there is no weight card '{}'", name), "", core::did_you_mean(name, names()));
}

std::vector<std::string> Catalogue::names() const {
  std::vector<std::string> names;
  for (const auto& card : cards_) names.push_back(card.name);
  return names;
}

std::vector<std::string> Catalogue::names_for(Family family, const std::string& architecture) const {
  std::vector<std::string> names;
  for (const auto& card : cards_) {
    if (card.family == family && card.architecture == architecture) names.push_back(card.name);
  }
  return names;
}

const Card* Catalogue::find_sha256(const std::string& sha256) const {
  const auto found = std::ranges::find_if(cards_, [&](const Card& card) { return card.weights().sha256 == sha256; });
  return found == cards_.end() ? nullptr : &*found;
}

void record_pin(const Places& places, const Card& card, const std::string& revision, const std::string& sha256) {
  const config::Value pin(config::MapEntries{{"revision", revision}, {"sha256", sha256}});
  core::write_file_atomically(pin_file(places, card.name), config::to_yaml(pin));
}

}  // namespace normadd::weights
