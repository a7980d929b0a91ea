// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/log.h"
#include "core/nearest_name.h"
#include "core/progress.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "normadd/hub_environment.h"
#include "weights/fetch.h"
#include "weights/file_hashes.h"
#include "weights/find_weights.h"
#include "weights/hub_cache.h"
#include "weights/recognition.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kUsage =
    "Usage: normadd weights list [--verify] [--json]\n"
    "       normadd weights inspect FILE|FOLDER|NAME [--json]\n"
    "       normadd weights fetch NAME [--to FOLDER] [--revision COMMIT] [--sha256 HASH]\n";

void print_json(const Json& json) { fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace)); }

std::string size_text(std::int64_t bytes) {
  if (bytes >= 1'000'000'000) return fmt::format("{:.2f} GB", static_cast<double>(bytes) / 1e9);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

/// "verified", "damaged", "yes", "not pinned" or "no".
std::string state_of(const weights::Card& card, const std::optional<weights::CachedWeights>& found,
                     const weights::Places& places, bool verify) {
  if (!found) return "no";
  if (!card.weights().sha256) return "not pinned";
  if (!verify) return found->right_commit ? "yes" : "other revision";
  return weights::FileHashes(places.state).sha256(found->file) == *card.weights().sha256 ? "verified" : "damaged";
}

int list(const Arguments& arguments) {
  cxxopts::Options options("normadd weights list", "Lists the weight cards, and which of them are in the hub's cache.");
  // clang-format off
  options.add_options()
      ("verify", "compute the sha256 of what is there (remembered until the file changes)")
      ("json", "machine-readable output")
      ("h,help", "this text");
  // clang-format on
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const weights::Places places = weight_places();
  const auto catalogue = weights::Catalogue::read(places);
  const bool as_json = flags.count("json") > 0;
  Json json = Json::array();
  if (!as_json)
    fmt::print("{:<34} {:<7} {:<18} {:>8}  {:<7} {}\n", "name", "family", "network", "size", "pinned", "in cache");
  for (const auto& card : catalogue.cards()) {
    const auto found = weights::find_cached(weights::HubCache(places.hub_cache), card);
    const std::string state = state_of(card, found, places, flags.count("verify") > 0);
    const auto& bytes = card.weights().bytes;
    const std::string pinned = !card.is_pinned() ? "no" : card.pinned_here ? "here" : "yes";
    if (!as_json) {
      fmt::print("{:<34} {:<7} {:<18} {:>8}  {:<7} {}\n", card.name, weights::family_name(card.family),
                 card.architecture, bytes ? size_text(*bytes) : "?", pinned, state);
      continue;
    }
    json.push_back({{"name", card.name},
                    {"family", weights::family_name(card.family)},
                    {"architecture", card.architecture},
                    {"repository", card.repository},
                    {"revision", card.revision ? Json(*card.revision) : Json()},
                    {"file", card.weights().name},
                    {"sha256", card.weights().sha256 ? Json(*card.weights().sha256) : Json()},
                    {"bytes", bytes ? Json(*bytes) : Json()},
                    {"pinned", pinned},
                    {"cached", state},
                    {"path", found ? Json(found->file.string()) : Json()},
                    {"licence", card.licence},
                    {"note", card.note}});
  }
  if (as_json) {
    print_json(json);
  } else {
    fmt::print("\nCache: {}\nnormadd weights fetch NAME brings one.\n", places.hub_cache.string());
  }
  return 0;
}

/// The file that a path or a card's name means.
fs::path file_of(const std::string& what, const weights::Catalogue& catalogue, const weights::Places& places) {
  std::error_code error;
  if (const weights::Card* card = catalogue.find(what)) {
    const auto found = weights::find_cached(weights::HubCache(places.hub_cache), *card);
    if (found) return found->file;
    throw core::WeightsError(fmt::format("{} is not in the hub's cache", card->name), places.hub_cache.string(),
                             fmt::format("Run: normadd weights fetch {}", card->name));
  }
  if (fs::is_directory(what, error)) {
    for (const char* name : {"open_clip_model.safetensors", "model.safetensors"}) {
      if (fs::is_regular_file(fs::path(what) / name, error)) return fs::path(what) / name;
    }
    throw core::WeightsError("the folder has no open_clip_model.safetensors and no model.safetensors", what,
                             "Give the file itself.");
  }
  if (!fs::exists(what, error)) {
    throw core::WeightsError("no such file, folder or weight card", what, core::did_you_mean(what, catalogue.names()));
  }
  return what;
}

struct Contents {
  std::map<std::string, std::size_t> tensors_of_dtype;
  std::size_t tensors = 0;
  std::int64_t numbers = 0;
};

Contents contents_of(const networks::SafetensorsFile& file) {
  Contents contents;
  for (const auto& name : file.names()) {
    ++contents.tensors;
    ++contents.tensors_of_dtype[file.dtype(name)];
    std::int64_t numbers = 1;
    for (const auto extent : file.shape(name)) numbers *= extent;
    contents.numbers += numbers;
  }
  return contents;
}

void print_inspection(const Json& json) {
  const auto text = [](const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); };
  for (const auto& [key, value] : json.items()) {
    if (value.is_null() || (value.is_object() && value.empty())) continue;
    if (!value.is_object()) {
      fmt::print("{:<14} {}\n", key, text(value));
      continue;
    }
    fmt::print("{}\n", key);
    for (const auto& [inner, fact] : value.items()) fmt::print("  {:<14} {}\n", inner, text(fact));
  }
}

int inspect(const Arguments& arguments) {
  cxxopts::Options options("normadd weights inspect",
                           "Says what a weight file holds, told from its tensors, and which configuration takes it.");
  options.positional_help("FILE|FOLDER|NAME");
  // clang-format off
  options.add_options()
      ("json", "machine-readable output")
      ("what", "file, folder or weight card", cxxopts::value<std::vector<std::string>>())
      ("h,help", "this text");
  // clang-format on
  options.parse_positional({"what"});
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help({""}));
    return 0;
  }
  const auto what = repeated_flag(flags, "what");
  if (what.size() != 1)
    throw core::ConfigError("one file, folder or weight card is needed", "", "Usage: normadd weights inspect FILE");
  const weights::Places places = weight_places();
  const auto catalogue = weights::Catalogue::read(places);
  const fs::path path = file_of(what[0], catalogue, places);
  const auto file = networks::SafetensorsFile::open(path);
  const auto recognised = weights::recognise(file, catalogue);
  const Contents contents = contents_of(file);
  const std::string sha256 = weights::FileHashes(places.state).sha256(path);
  const weights::Card* card = catalogue.find_sha256(sha256);

  Json json;
  json["file"] = path.string();
  json["holds"] = recognised.noun();
  json["network"] = recognised.architecture.empty() ? Json() : Json(recognised.architecture);
  json["names"] = recognised.naming.empty() ? Json() : Json(recognised.naming);
  json["facts"] = Json::object();
  for (const auto& [key, fact] : recognised.facts) json["facts"][key] = fact;
  json["tensors"] = contents.tensors;
  json["numbers"] = contents.numbers;
  json["dtypes"] = contents.tensors_of_dtype;
  json["bytes"] = fs::file_size(path);
  json["sha256"] = sha256;
  json["card"] = card == nullptr ? Json() : Json(card->name);
  if (card != nullptr && card->clip) {
    json["activation"] = card->clip->activation == networks::Activation::kGelu ? "gelu" : "quick_gelu";
  }
  json["metadata"] = Json::object();
  for (const auto& [key, value] : file.metadata()) json["metadata"][key] = value;
  const std::string use = weights::configuration_for(recognised, path);
  json["use"] = use.empty() ? Json() : Json(use);
  if (flags.count("json") > 0) {
    print_json(json);
  } else {
    print_inspection(json);
  }
  return 0;
}

int fetch(const Arguments& arguments) {
  cxxopts::Options options("normadd weights fetch",
                           "Brings a card's weights into the hub's cache, with revision and sha256 checked.");
  options.positional_help("NAME");
  // clang-format off
  options.add_options()
      ("to", "plain files in this folder instead of the cache", cxxopts::value<std::string>())
      ("revision", "commit, branch or tag instead of the card's", cxxopts::value<std::string>())
      ("sha256", "of the weights, for a card that is not pinned", cxxopts::value<std::string>())
      ("trust-first-download", "take what the hub sends for a card that is not pinned, and pin it on this machine")
      ("endpoint", "the hub's address; default HF_ENDPOINT, else https://huggingface.co", cxxopts::value<std::string>())
      ("offline", "refuse to download, as HF_HUB_OFFLINE=1 does")
      ("json", "machine-readable output")
      ("q,quiet", "no progress")
      ("what", "name of a weight card", cxxopts::value<std::vector<std::string>>())
      ("h,help", "this text");
  // clang-format on
  options.parse_positional({"what"});
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help({""}));
    return 0;
  }
  const auto what = repeated_flag(flags, "what");
  if (what.size() != 1) {
    throw core::ConfigError("one weight card is needed", "", "normadd weights list shows their names.");
  }
  const weights::Places places = weight_places();
  const auto catalogue = weights::Catalogue::read(places);
  const weights::Card& card = catalogue.get(what[0]);
  weights::Hub hub = hub_from_environment();
  if (flags.count("endpoint") > 0) hub.endpoint = flags["endpoint"].as<std::string>();
  hub.offline = hub.offline || flags.count("offline") > 0;
  weights::FetchRequest request;
  if (flags.count("revision") > 0) request.revision = flags["revision"].as<std::string>();
  if (flags.count("sha256") > 0) request.sha256 = flags["sha256"].as<std::string>();
  if (flags.count("to") > 0) request.folder = flags["to"].as<std::string>();
  request.trust_first_download = flags.count("trust-first-download") > 0;
  if (flags.count("quiet") > 0) {
    core::set_quiet(true);
    core::Progress::set_enabled(false);
  }

  const weights::Fetched fetched = weights::fetch(card, request, hub, places);
  if (flags.count("json") > 0) {
    print_json({{"name", card.name},
                {"path", fetched.weights.string()},
                {"repository", card.repository},
                {"revision", fetched.commit},
                {"sha256", fetched.sha256},
                {"bytes", fetched.bytes},
                {"was_there", fetched.was_there}});
    return 0;
  }
  fmt::print("{} {}\n  {}\n  {}, sha256 {}\n  commit {}\n", card.name,
             fetched.was_there ? "was there already" : "is there now", fetched.weights.string(),
             size_text(static_cast<std::int64_t>(fetched.bytes)), fetched.sha256, fetched.commit);
  if (!card.is_pinned()) {
    fmt::print("  pinned on this machine; commit and sha256 in the card would pin it for everybody\n");
  }
  const bool is_clip = card.family == weights::Family::kClip;
  const std::string value = !request.folder ? card.name : (is_clip ? fetched.folder : fetched.weights).string();
  fmt::print("Use it: {}\n", is_clip ? fmt::format("clip=open_clip clip.name={} clip.path={}", card.architecture, value)
                                     : fmt::format("backbone={} backbone.weights={}", card.architecture, value));
  return 0;
}

}  // namespace

int weights_command(const Arguments& arguments) {
  const std::string verb = arguments.empty() ? "" : arguments[0];
  const Arguments rest(arguments.empty() ? arguments.end() : arguments.begin() + 1, arguments.end());
  if (verb == "list") return list(rest);
  if (verb == "inspect") return inspect(rest);
  if (verb == "fetch") return fetch(rest);
  if (verb == "-h" || verb == "--help") {
    fmt::print("{}", kUsage);
    return 0;
  }
  throw core::ConfigError("unknown verb 'weights " + verb + "'", "",
                          core::did_you_mean(verb, {"list", "inspect", "fetch"}));
}

}  // namespace normadd::tools
