// SPDX-License-Identifier: Apache-2.0
#include "detectors/patchcore_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/error.h"
#include "detectors/random_projection.h"

namespace normadd::detectors {
namespace {

template <typename T, std::size_t N>
using Names = std::array<std::pair<const char*, T>, N>;

constexpr Names<Pooling, 2> kPoolings{{{"adaptive", Pooling::kAdaptive}, {"average", Pooling::kAverage}}};
constexpr Names<Projection, 2> kProjections{{{"uniform", Projection::kUniform}, {"sparse", Projection::kSparse}}};
constexpr Names<CoresetStart, 3> kStarts{{{"mean_distance", CoresetStart::kMeanDistance},
                                          {"row_kept", CoresetStart::kRowKept},
                                          {"row_left_out", CoresetStart::kRowLeftOut}}};
constexpr Names<Upsampling, 2> kUpsamplings{{{"bilinear", Upsampling::kBilinear}, {"nearest", Upsampling::kNearest}}};
constexpr Names<imaging::Border, 2> kBorders{
    {{"reflect", imaging::Border::kReflect}, {"reflect_101", imaging::Border::kReflect101}}};

template <typename T, std::size_t N>
std::vector<std::string> names_of(const Names<T, N>& table) {
  std::vector<std::string> names;
  for (const auto& [name, value] : table) names.emplace_back(name);
  return names;
}

template <typename T, std::size_t N>
const char* name_of(const Names<T, N>& table, T wanted) {
  const auto found = std::ranges::find(table, wanted, &std::pair<const char*, T>::second);
  NORMADD_CHECK(found != table.end(), "a name for " + std::to_string(static_cast<int>(wanted)));
  return found->first;
}

template <typename T, std::size_t N>
void take(const std::optional<std::string>& name, const Names<T, N>& table, T& value) {
  if (!name) return;
  const auto found = std::ranges::find(table, *name, &std::pair<const char*, T>::first);
  NORMADD_CHECK(found != table.end(), *name);  // describe() lets no other name through
  value = found->second;
}

PatchCoreSettings profile_settings(const std::string& profile) {
  PatchCoreSettings settings;  // the defaults are those of amazon
  settings.profile = profile;
  if (profile == "amazon") return settings;
  settings.squared = false;
  settings.score_neighbours = 9;
  if (profile == "paper") return settings;
  NORMADD_CHECK(profile == "anomalib", profile);
  settings.embedding.pooling = Pooling::kAverage;
  settings.projection = Projection::kSparse;
  settings.projection_dims = std::nullopt;
  settings.coreset_start = CoresetStart::kRowKept;
  settings.num_starts = 1;
  settings.map.upsampling = Upsampling::kNearest;
  settings.map.blur_border = imaging::Border::kReflect101;
  return settings;
}

void refuse(bool contradiction, const char* option, const std::string& what, const std::string& hint) {
  if (contradiction) throw core::ConfigError(what, fmt::format("detector.{}", option), hint);
}

std::string profile_value(const char* help) { return fmt::format("{}; null = the profile's", help); }

}  // namespace

std::int64_t PatchCoreSettings::projected_dims(std::int64_t num_rows) const {
  return projection_dims ? *projection_dims : johnson_lindenstrauss_dims(num_rows, projection_epsilon);
}

nlohmann::ordered_json to_json(const PatchCoreSettings& s) {
  // What has no effect is null, so that it keeps no saved detector from being used.
  const nlohmann::ordered_json none = nullptr;
  const bool adaptive = s.embedding.pooling == Pooling::kAdaptive, blurred = s.map.blur_sigma_px.has_value();
  using Json = nlohmann::ordered_json;
  return {{"profile", s.profile},
          {"pooling", name_of(kPoolings, s.embedding.pooling)},
          {"layer_dims", adaptive ? Json(s.embedding.layer_dims) : none},
          {"embedding_dims", adaptive ? Json(s.embedding.output_dims) : none},
          {"coreset_ratio", s.coreset_ratio},
          {"projection", name_of(kProjections, s.projection)},
          {"projection_dims", s.projection_dims ? Json(*s.projection_dims) : none},
          {"projection_epsilon", s.projection_dims ? none : Json(s.projection_epsilon)},
          {"coreset_start", name_of(kStarts, s.coreset_start)},
          {"num_starts", s.num_starts},
          {"neighbours", s.neighbours},
          {"squared", s.squared},
          {"score_reweight", s.score_neighbours > 1},
          {"score_neighbours", s.score_neighbours > 1 ? Json(s.score_neighbours) : none},
          {"upsampling", name_of(kUpsamplings, s.map.upsampling)},
          {"blur_sigma_px", blurred ? Json(*s.map.blur_sigma_px) : none},
          {"blur_border", blurred ? Json(name_of(kBorders, s.map.blur_border)) : none}};
}

void PatchCoreOptions::describe(config::Options& o) {
  o.field("name", name).help("registered name").one_of({"patchcore"});
  o.field("profile", profile)
      .help("whose numbers to reproduce; decides every option that is null")
      .one_of({"amazon", "paper", "anomalib"});
  o.field("coreset_ratio", coreset_ratio)
      .help("share of the training patches kept in the memory bank")
      .above(0)
      .range(0, 1);
  o.field("neighbours", neighbours)
      .help("nearest rows of the memory bank whose mean distance scores a patch")
      .at_least(1);
  o.field("blur_sigma_px", blur_sigma_px)
      .help("Gaussian on the anomaly map; null = none")
      .unit("px")
      .above(0)
      .range(0, imaging::kLargestSigma);
  o.field("pooling", pooling)
      .help(profile_value("patch features: adaptive to a fixed length, or the average of 3x3 per channel"))
      .one_of(names_of(kPoolings));
  o.field("layer_dims", layer_dims)
      .help(profile_value("adaptive pooling: dimensions of a patch per tapped layer"))
      .at_least(1);
  o.field("embedding_dims", embedding_dims)
      .help(profile_value("adaptive pooling: dimensions of a patch in the memory bank"))
      .at_least(1);
  o.field("projection", projection)
      .help(profile_value("random projection that the coreset is chosen in"))
      .one_of(names_of(kProjections));
  o.field("projection_dims", projection_dims).help(profile_value("dimensions of that projection")).range(1, 1 << 16);
  o.field("projection_epsilon", projection_epsilon)
      .help(profile_value("distortion that its dimensions follow from by the Johnson-Lindenstrauss bound"))
      .above(0)
      .below(1);
  o.field("coreset_start", coreset_start)
      .help(profile_value("start of the coreset: mean distance to random patches, or one that is kept or left out"))
      .one_of(names_of(kStarts));
  o.field("num_starts", num_starts)
      .help(profile_value("random patches whose mean distance starts the coreset"))
      .at_least(1);
  o.field("squared", squared).help(profile_value("score by squared instead of plain Euclidean distances"));
  o.field("score_reweight", score_reweight)
      .help(profile_value("weigh the image score by the neighbours of the nearest row (eq. 7 of the paper)"));
  o.field("score_neighbours", score_neighbours)
      .help(profile_value("how many neighbours that weight takes, the row itself included; 1 = no weight"))
      .at_least(1);
  o.field("upsampling", upsampling)
      .help(profile_value("from patch scores to the anomaly map"))
      .one_of(names_of(kUpsamplings));
  o.field("blur_border", blur_border)
      .help(profile_value("Gaussian beyond the map's edge: d c b a|a b c d (SciPy) or d c b|a b c d (PyTorch)"))
      .one_of(names_of(kBorders));
  few_shot.describe(o);
  o.field("batch_size", batch_size).help("images per pass of the network; does not change results").at_least(1);
  o.field("memory_limit_gb", memory_limit_gb).help("refuse to start a fit that would need more").unit("GiB").above(0);
}

PatchCoreSettings PatchCoreOptions::settings() const {
  PatchCoreSettings s = profile_settings(profile);
  s.coreset_ratio = coreset_ratio;
  s.neighbours = neighbours;
  s.map.blur_sigma_px = blur_sigma_px;
  s.squared = squared.value_or(s.squared);
  take(upsampling, kUpsamplings, s.map.upsampling);
  take(blur_border, kBorders, s.map.blur_border);
  take(projection, kProjections, s.projection);

  take(pooling, kPoolings, s.embedding.pooling);
  const bool adaptive = s.embedding.pooling == Pooling::kAdaptive;
  refuse(!adaptive && layer_dims, "layer_dims", "average pooling keeps all channels of a layer",
         "Set detector.layer_dims=null, or detector.pooling=adaptive.");
  refuse(!adaptive && embedding_dims, "embedding_dims", "average pooling keeps all channels",
         "Set detector.embedding_dims=null, or detector.pooling=adaptive.");
  s.embedding.layer_dims = layer_dims.value_or(s.embedding.layer_dims);
  s.embedding.output_dims = embedding_dims.value_or(s.embedding.output_dims);

  refuse(projection_dims && projection_epsilon, "projection_epsilon",
         "the dimensions of the projection are either given or follow from a distortion",
         "Set detector.projection_dims or detector.projection_epsilon to null.");
  if (projection_dims) s.projection_dims = projection_dims;
  if (projection_epsilon) {
    s.projection_dims = std::nullopt;
    s.projection_epsilon = *projection_epsilon;
  }

  take(coreset_start, kStarts, s.coreset_start);
  const bool several = s.coreset_start == CoresetStart::kMeanDistance;
  refuse(!several && num_starts.value_or(1) != 1, "num_starts",
         fmt::format("a coreset started by '{}' has one start", name_of(kStarts, s.coreset_start)),
         "Set detector.num_starts=null, or detector.coreset_start=mean_distance.");
  s.num_starts = several ? num_starts.value_or(PatchCoreSettings{}.num_starts) : 1;

  const bool reweight = score_reweight.value_or(s.score_neighbours > 1);
  refuse(!reweight && score_neighbours.value_or(1) != 1, "score_neighbours", "the image score is not weighted",
         "Set detector.score_reweight=true, or detector.score_neighbours=null.");
  constexpr int kPaper = 9;
  s.score_neighbours = reweight ? score_neighbours.value_or(kPaper) : 1;
  return s;
}

FeatureRequest PatchCoreOptions::feature_request() const {
  FeatureRequest request;  // the defaults are those of amazon
  if (profile == "anomalib") {
    request.resize_mode = networks::ResizeMode::kSquash;
    request.resize_px = 256;
    request.crop_px = 0;
  }
  return request;
}

}  // namespace normadd::detectors
