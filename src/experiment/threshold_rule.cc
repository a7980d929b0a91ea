// SPDX-License-Identifier: Apache-2.0
#include "experiment/threshold_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/csv.h"
#include "core/error.h"
#include "core/nearest_name.h"
#include "core/number_text.h"

namespace normadd::experiment {
namespace {

constexpr const char* kTestTuningHint =
    "Such numbers flatter; use a validation set (f1:FILE.csv), or add --tune-on-test to get them, marked.";

double number_of(const std::string& text, const std::string& where, const std::string& what) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
    throw core::ConfigError(fmt::format("{} '{}' is not a finite number", what, text), where, "");
  }
  return number;
}

struct ValidationSet {
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
  std::vector<std::string> images;
};

ValidationSet read_validation_set(const std::string& file, const std::string& category) {
  const core::CsvTable table = core::read_csv(file);
  const auto column = [&](const char* name) -> std::optional<std::size_t> {
    const auto found = std::find(table.columns.begin(), table.columns.end(), name);
    if (found == table.columns.end()) return std::nullopt;
    return static_cast<std::size_t>(found - table.columns.begin());
  };
  const auto score = column("score"), label = column("label"), of_category = column("category"),
             image = column("image");
  if (!score || !label) {
    throw core::DataError("a validation set needs the columns score and label", file + ":1",
                          "label is 0 for normal and 1 for anomalous; category and image are optional columns.");
  }
  ValidationSet set;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const auto& row = table.rows[r];
    if (of_category && row[*of_category] != category) continue;
    const std::string where = fmt::format("{}:{}", file, r + 2);
    if (row[*label] != "0" && row[*label] != "1") {
      throw core::DataError(fmt::format("the label '{}' is neither 0 nor 1", row[*label]), where, "");
    }
    set.scores.push_back(number_of(row[*score], where, "the score"));
    set.labels.push_back(row[*label] == "1" ? 1 : 0);
    if (image) set.images.push_back(row[*image]);
  }
  return set;
}

}  // namespace

ThresholdRule parse_threshold_rule(const std::string& text, bool allow_test_tuning) {
  const std::string where = "--threshold";
  const auto colon = text.find(':');
  const std::string name = text.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : text.substr(colon + 1);
  const std::vector<std::string> names{"manual", "train_quantile", "f1"};
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    throw core::ConfigError(fmt::format("unknown threshold rule '{}'", name), where, core::did_you_mean(name, names));
  }
  if (rest.empty()) {
    throw core::ConfigError(fmt::format("'{}' lacks its value", text), where,
                            "Give manual:NUMBER, train_quantile:SHARE, f1:VALIDATION.csv or f1:test.");
  }
  if (name == "manual") return {ThresholdRule::Kind::kManual, number_of(rest, where, "the threshold"), ""};
  if (name == "train_quantile") {
    const double share = number_of(rest, where, "the quantile");
    if (!(share >= 0 && share <= 1)) {
      throw core::ConfigError(fmt::format("{} is no quantile", rest), where, "Give a share from 0 to 1, e.g. 0.99.");
    }
    return {ThresholdRule::Kind::kTrainQuantile, share, ""};
  }
  if (rest != "test") return {ThresholdRule::Kind::kF1OfFile, 0, rest};
  if (!allow_test_tuning) {
    throw core::ConfigError("a threshold tuned on the test set is refused", where, kTestTuningHint);
  }
  return {ThresholdRule::Kind::kF1OfTest, 0, ""};
}

metrics::Threshold threshold_for(const ThresholdRule& rule, const MapEvaluation& evaluation,
                                 const std::function<std::vector<double>()>& train_scores, bool allow_test_tuning) {
  switch (rule.kind) {
    case ThresholdRule::Kind::kManual:
      return {rule.number, "given by hand", false};
    case ThresholdRule::Kind::kTrainQuantile:
      return {metrics::quantile_threshold(train_scores(), rule.number, evaluation.category() + "/train/good"),
              fmt::format("quantile {} of train/good", core::shortest_text(rule.number)), false};
    case ThresholdRule::Kind::kF1OfTest:
      return {metrics::f1_adaptive_threshold(evaluation.scores(), evaluation.labels(), evaluation.category() + "/test"),
              "best F1 on the test set", true};
    case ThresholdRule::Kind::kF1OfFile:
      break;
  }
  const ValidationSet set = read_validation_set(rule.file, evaluation.category());
  if (set.scores.empty()) {
    throw core::DataError(fmt::format("the validation set has no row of the category '{}'", evaluation.category()),
                          rule.file, "Add its scores, or name the other categories in dataset.categories.");
  }
  const auto images = evaluation.images();
  const bool has_test_image = std::any_of(images.begin(), images.end(), [&](const auto& image) {
    return std::find(set.images.begin(), set.images.end(), image.id) != set.images.end();
  });
  if (has_test_image && !allow_test_tuning) {
    throw core::DataError(fmt::format("the validation set holds test images of '{}'", evaluation.category()), rule.file,
                          kTestTuningHint);
  }
  return {metrics::f1_adaptive_threshold(set.scores, set.labels, rule.file), "best F1 on " + rule.file, has_test_image};
}

}  // namespace normadd::experiment
